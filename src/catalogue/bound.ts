import type { z } from 'zod';
import { Fault } from '../kernel/errors.js';
import type { Caller } from './caller.js';
import type { FeaturePorts } from './feature-ports.js';
import type { Operation } from './operation.js';
import type { Origin } from './origin.js';
import type { Connection } from './ports.js';

/** One call of an operation, on its way: who asks, what for. */
export interface Call {
  /** Undefined where nobody has to say who they are. */
  caller: Caller | undefined;
  input: Record<string, unknown>;
  origin: Origin;
  /** When all of the request was there, ms. */
  arrivedAt: number;
  /** Says that it had been done before. */
  again(): void;
  /** What it has to work with. */
  ports: FeaturePorts;
  /** Whoever asks, where nobody has to say who they are. Fault `unauthenticated` for a token that is worth nothing. */
  told(): Caller | undefined;
  /** Through which it was asked, where that stays open. */
  connection: Connection | undefined;
}

export type Context = Omit<Call, 'caller' | 'input'>;

/** An operation with the function that does it. `S`: as it was stated, for whoever needs its types. */
export interface Bound<S = unknown> {
  operation: Operation;
  readonly stated?: S;
  run(call: Call): Promise<unknown>;
}

/** Nothing where nothing is answered. */
type Answer<A extends z.ZodType> = z.output<A> extends undefined ? Promise<void> : Promise<z.output<A>>;

/** For whoever is signed in. */
export const bind = <I extends z.ZodObject, A extends z.ZodType, N extends string, W extends string>(
  operation: Operation<I, A, N, W>,
  run: (caller: Caller, input: z.output<I>, context: Context) => Answer<A>,
): Bound<Operation<I, A, N, W>> => ({
  operation: operation as unknown as Operation,
  // The call is its own context: a copy of it for each would be dear.
  run: (call) => {
    if (!call.caller) throw new Fault('unauthenticated');
    return run(call.caller, call.input as z.output<I>, call);
  },
});

/** For anyone. */
export const bindOpen = <I extends z.ZodObject, A extends z.ZodType, N extends string, W extends string>(
  operation: Operation<I, A, N, W>,
  run: (input: z.output<I>, context: Context) => Answer<A>,
): Bound<Operation<I, A, N, W>> => ({
  operation: operation as unknown as Operation,
  run: (call) => run(call.input as z.output<I>, call),
});

const isConnected = (context: Context): context is Context & { connection: Connection } => context.connection !== undefined;

/** For whoever is signed in, through a connection that stays open. */
export const bindConnected = <I extends z.ZodObject, A extends z.ZodType, N extends string, W extends string>(
  operation: Operation<I, A, N, W>,
  run: (caller: Caller, input: z.output<I>, context: Context & { connection: Connection }) => Answer<A>,
): Bound<Operation<I, A, N, W>> =>
  bind(operation, (caller, input, context) => {
    if (!isConnected(context)) throw new Fault('validation_failed', `${operation.name} needs a connection that stays open`);
    return run(caller, input, context);
  });

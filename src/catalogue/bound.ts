import type { z } from 'zod';
import { Fault } from '../kernel/errors.js';
import type { Caller } from './caller.js';
import type { FeaturePorts } from './feature-ports.js';
import type { Operation } from './operation.js';
import type { Origin } from './origin.js';

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
}

export type Context = Pick<Call, 'origin' | 'arrivedAt' | 'again' | 'ports'>;

/** An operation with the function that does it. `S`: as it was stated, for whoever needs its types. */
export interface Bound<S = unknown> {
  operation: Operation;
  readonly stated?: S;
  run(call: Call): Promise<unknown>;
}

/** Nothing where nothing is answered. */
type Answer<A extends z.ZodType> = z.output<A> extends undefined ? Promise<void> : Promise<z.output<A>>;

/** For whoever is signed in. */
export const bind = <I extends z.ZodObject, A extends z.ZodType, N extends string>(
  operation: Operation<I, A, N>,
  run: (caller: Caller, input: z.output<I>, context: Context) => Answer<A>,
): Bound<Operation<I, A, N>> => ({
  operation: operation as unknown as Operation,
  run: ({ caller, input, ...context }) => {
    if (!caller) throw new Fault('unauthenticated');
    return run(caller, input as z.output<I>, context);
  },
});

/** For anyone. */
export const bindOpen = <I extends z.ZodObject, A extends z.ZodType, N extends string>(
  operation: Operation<I, A, N>,
  run: (input: z.output<I>, context: Context) => Answer<A>,
): Bound<Operation<I, A, N>> => ({
  operation: operation as unknown as Operation,
  run: ({ input, caller: _, ...context }) => run(input as z.output<I>, context),
});

import type { z } from 'zod';
import type { Allow } from '../authority/allow.js';
import type { LimitName } from '../protocol/access.js';
import type { Place } from './place.js';
import type { Work } from './work.js';

/** The ways in. */
export const doors = ['rest', 'socket', 'websocket'] as const;
export type Door = (typeof doors)[number];

/** How REST names it. Path parameters are the input's fields that the path names; the rest is query (GET) or body. */
export interface RestWay {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below /api, with :params. */
  path: string;
  /** 201 where something is made; 204 answers nothing. */
  status: 200 | 201 | 204;
  /** What `again` answers: it had been done before. */
  alsoStatus?: 200;
  /** Largest body in bytes, when it is not what the schema can need. */
  bodyBytes?: number;
  /** Other ways that do the same. */
  aliases?: readonly Pick<RestWay, 'method' | 'path'>[];
}

/** What doing it twice does. */
export type Repeat = 'read' | 'same' | 'by nonce' | { no: string };

/**
 * One thing that somebody can ask Parley to do, stated once. Doors, documents, the client's table, limits, shedding, the matrix of
 * permissions and the audit log are made from it.
 */
export interface Operation<
  I extends z.ZodObject = z.ZodObject,
  A extends z.ZodType = z.ZodType,
  N extends string = string,
  W extends string = string,
> {
  /** `verb_noun`: the same at every door and in every document; in camelCase the client's method. */
  name: N;
  /** Under which documents list it. */
  tag: string;
  summary: string;
  /** Where its permission is asked for. */
  place?(input: z.output<I>): Place;
  allow: Allow;
  /**
   * `invoke`; or the kind of actor that commits it and decides in the same turn; or the operation's own function, where who may is known
   * only by what it looks at (a password, a session).
   */
  decided_by: 'invoke' | 'community' | 'thread' | 'user' | 'operation';
  limit: LimitName;
  /** Points of the limit, 1 unless said otherwise. One is spent before the input is read, the rest after. */
  cost?: number | ((input: z.output<I>) => number);
  /** What it is to the load, where its limit does not say; null is never shed. */
  work?: Work | null;
  repeat: Repeat;
  /** Who did it stays on record. */
  audited?: true;
  /** Flat and strict: at every door the same fields. */
  input: I;
  answer: A;
  rest?: RestWay;
  /** Other names by which a socket may ask for it. */
  also?: readonly string[];
  /** On sockets the answer stands in a field of this name, as version 1 has it. */
  wrapped?: W;
  /** Fields that a door asks for though others do without. */
  needed?: Partial<Record<Door, readonly string[]>>;
  /** Doors through which it cannot be asked for, and why. */
  without?: Partial<Record<Door, string>>;
  /** Input beside what the place names, for documents and tests. */
  example: Record<string, unknown>;
}

/** Keeps the types of what is stated. */
export const defineOperation = <I extends z.ZodObject, A extends z.ZodType, const N extends string, const W extends string = never>(
  operation: Operation<I, A, N, W>,
): Operation<I, A, N, W> => operation;

/** What an operation's function gets, by its type. */
export type Given<O> = O extends { input: infer I extends z.ZodType } ? z.output<I> : never;
/** What is given to an operation, by its type. */
export type GivenTo<O> = O extends { input: infer I extends z.ZodType } ? z.input<I> : never;
/** What it answers. */
export type AnswerOf<O> = O extends { answer: infer A extends z.ZodType } ? z.output<A> : never;

type OnSocket<A extends z.ZodType> = z.output<A> extends undefined ? Record<never, never> : z.output<A>;
/** What a socket acknowledges it with. */
export type AcknowledgedBy<O> = O extends { wrapped?: infer W; answer: infer A extends z.ZodType }
  ? [Exclude<W, undefined>] extends [never]
    ? OnSocket<A>
    : { [Key in Exclude<W, undefined> & string]: z.output<A> }
  : never;

/** The input as a door asks for it, for documents. */
export const inputAt = ({ input, needed }: Operation, door: Door): z.ZodObject => {
  const fields: Record<string, true> = {};
  for (const field of needed?.[door] ?? []) fields[field] = true;
  return input.required(fields);
};

/** Whether it can be asked for through a door. */
export const opensAt = (operation: Operation, door: Door): boolean =>
  operation.without?.[door] === undefined && (door !== 'rest' || operation.rest !== undefined);

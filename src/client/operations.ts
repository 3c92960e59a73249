import type { AcknowledgedBy, AnswerOf, GivenTo } from '../catalogue/operation.js';
import type { Stated } from '../features/index.js';
import { operationTable } from './operation-table.js';
import type { RestOptions, Way } from './way.js';

/** Everything that a socket can be asked for by name. */
export type Asked = keyof Stated;
export type PayloadOf<E extends Asked> = GivenTo<Stated[E]>;
export type DataOf<E extends Asked> = AcknowledgedBy<Stated[E]>;
/** What an operation answers by REST. */
export type AnswerTo<E extends Asked> = AnswerOf<Stated[E]>;

type Name = keyof Stated & keyof typeof operationTable;
type Camel<N extends string> = N extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : N;
/** The input may be left out where nothing in it is needed. */
type Arguments<I> = Record<never, never> extends I ? [input?: I, options?: RestOptions] : [input: I, options?: RestOptions];

/** Each operation that REST takes, by its name in camelCase. */
export type Operations = {
  [N in Name as Camel<N>]: (...args: Arguments<GivenTo<Stated[N]>>) => Promise<AnswerOf<Stated[N]>>;
};

type Ask = (way: Way, input: Record<string, unknown>, options?: RestOptions) => Promise<unknown>;

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const repeatable: Record<'read' | 'same' | 'by nonce' | 'no', Way['isRepeatable']> = {
  read: () => true,
  same: () => true,
  'by nonce': ({ nonce }) => nonce !== undefined,
  no: () => false,
};

/** The typed methods of the client, made from the table. */
export const operationsBy = (ask: Ask): Operations =>
  Object.fromEntries(
    Object.entries(operationTable).map(([name, { way, again, token }]) => {
      const [method, path] = way.split(' ') as [string, string];
      const call = (input: Record<string, unknown> = {}, options?: RestOptions) =>
        ask({ method, path, token, isRepeatable: repeatable[again] }, input, options);
      return [camel(name), call];
    }),
  ) as unknown as Operations;

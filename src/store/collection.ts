import type { z } from 'zod';
import { demandSound } from './collections/sound.js';
import type { CollectionDefinition, IndexStatement, QueryStatement } from './collections/statement.js';

export type { CollectionDefinition } from './collections/statement.js';
export { storedId, storedTime } from './collections/stored.js';

/**
 * A collection is stated once; `mongo/` and `memory/` interpret the statement, and one conformance suite runs over every
 * collection there is. The vocabulary is small: what it does not reach is written by hand, as a repository.
 */

/** Keeps the types. Throws for what could not be carried out. */
export const defineCollection = <
  S extends z.ZodObject,
  const K extends FieldOf<S>,
  const I extends Readonly<Record<string, IndexStatement<FieldOf<S>>>>,
  const Q extends Readonly<Record<string, QueryStatement<FieldOf<S>, keyof I & string>>>,
>(
  definition: CollectionDefinition<S, K, I, Q>,
): CollectionDefinition<S, K, I, Q> => {
  demandSound(definition);
  return definition;
};

type FieldOf<S extends z.ZodObject> = keyof z.output<S> & string;

export type RecordOf<D extends CollectionDefinition> = z.output<D['schema']>;
export type QueryOf<D extends CollectionDefinition> = keyof D['queries'] & string;
/** Its unique indexes, and its key, which is `key` whatever the field is called. */
export type UniqueOf<D extends CollectionDefinition> =
  | { [N in keyof D['indexes'] & string]: string extends N ? N : D['indexes'][N] extends { unique: true } ? N : never }[keyof D['indexes'] &
      string]
  | 'key';

/** What a query is asked with. `from` is the least value of the bounded field, `below` the first that is too much. */
export type Ask<D extends CollectionDefinition, Q extends QueryOf<D>> = {
  where: Pick<RecordOf<D>, D['queries'][Q]['equal'][number] & keyof RecordOf<D>>;
} & (D['queries'][Q] extends { range: true } ? { from?: number | string | undefined; below?: number | string | undefined } : object);

/**
 * Records of one kind. Every call may reject with Fault `unavailable` (nothing was written) or `timeout` (a write whose outcome is
 * unknown; repeating the same call is how it is found out).
 *
 * Records are parsed when they are written and when they are read: one that does not fit is a defect. No message passes here, so
 * what that costs is small beside the store's answer.
 */
export interface Collection<D extends CollectionDefinition> {
  /**
   * `stored`: the record is there, durably. Repeated with the same content it is `stored` again, so the unique key is the memory of
   * what was done; after an `update` the content is not the same any more. `taken`: nothing was written, since another record has
   * its key, or its place in this unique index (the first in the order of the statement).
   */
  insert(record: RecordOf<D>): Promise<'stored' | { taken: UniqueOf<D> }>;
  byKey(key: string): Promise<RecordOf<D> | null>;
  /** Those that are there, each once, in no order. */
  byKeys(keys: readonly string[]): Promise<RecordOf<D>[]>;
  /** In the query's order, from the first after the record `after` (of which only the fields of the order count). */
  find<Q extends QueryOf<D>>(query: Q, ask: Ask<D, Q> & { after?: RecordOf<D> | undefined; limit: number }): Promise<RecordOf<D>[]>;
  /** How many, counting no further than `most`. */
  count<Q extends QueryOf<D>>(query: Q, ask: Ask<D, Q>, most: number): Promise<number>;
  /**
   * Sets fields of one record while others of it are as `condition` says: one write decides. Answers the record as it is then;
   * null when it is not there or is otherwise. The key and fields of unique indexes cannot be set.
   */
  update(key: string, set: Partial<RecordOf<D>>, condition?: Partial<RecordOf<D>>): Promise<RecordOf<D> | null>;
  /** Whether it was there. */
  remove(key: string): Promise<boolean>;
  /** Removes the first `most` of a query; answers how many that were. Fewer than `most`: nothing is left of it. */
  removeWhere<Q extends QueryOf<D>>(query: Q, ask: Ask<D, Q>, most: number): Promise<number>;
}

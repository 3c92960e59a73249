import type { z } from 'zod';

/** By these fields in this order, 1 ascending, -1 descending. */
export type IndexFields<F extends string> = { readonly [N in F]?: 1 | -1 };

export interface IndexStatement<F extends string> {
  readonly on: IndexFields<F>;
  /** No two records have the same in all its fields. One in which any of them is null does not count. */
  readonly unique?: true;
}

/**
 * A question that may be asked, answered by one index: its first fields are given (`equal`), the others give the order. So an
 * index must be unique or end with the key, for a listing to go on where it ended.
 */
export interface QueryStatement<F extends string, I extends string> {
  readonly index: I;
  /** The first fields of the index, in its order. */
  readonly equal: readonly F[];
  /** The first field of the order may be bounded. */
  readonly range?: true;
  /** From the index's end to its beginning. */
  readonly backwards?: true;
}

export interface CollectionDefinition<
  S extends z.ZodObject = z.ZodObject,
  K extends string = string,
  I extends Readonly<Record<string, IndexStatement<string>>> = Readonly<Record<string, IndexStatement<string>>>,
  Q extends Readonly<Record<string, QueryStatement<string, string>>> = Readonly<Record<string, QueryStatement<string, string>>>,
> {
  /** In the store; no other collection has it. */
  readonly name: string;
  /**
   * A record. What may be missing is null, and then it is not stored. `storedId` and `storedTime` say what is kept as more than
   * its JSON. A field that comes later has a default, so that older records can be read; what a newer release has added is
   * passed over.
   */
  readonly schema: S;
  /** The field, of text, by which a record is named for ever. */
  readonly key: K;
  readonly indexes: I;
  readonly queries: Q;
}

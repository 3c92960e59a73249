import { z } from 'zod';
import { Fault } from '../kernel/errors.js';
import { bounds } from '../protocol/primitives.js';
import type { Page } from '../protocol/resources.js';

/**
 * Where a listing goes on: its sort key, wrapped so that clients pass it back and do not build on it. It is not signed: a
 * made-up one is merely another place to go on from, and permission is asked for again on every page.
 */
export interface Cursor<K> {
  encode(key: K): string;
  /** Fault `validation_failed` for anything that is not one of these. */
  decode(cursor: string | undefined): K | undefined;
}

const invalid = (): Fault =>
  new Fault('validation_failed', 'The cursor is not one of this listing', {
    errors: [{ path: 'cursor', message: 'must be the next_cursor of an earlier page' }],
  });

export const cursorOf = <K>(schema: z.ZodType<K>): Cursor<K> => ({
  encode: (key) => Buffer.from(JSON.stringify(key)).toString('base64url'),
  decode: (cursor) => {
    if (cursor === undefined) return undefined;
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    } catch {
      throw invalid();
    }
    const key = schema.safeParse(json);
    if (!key.success) throw invalid();
    return key.data;
  },
});

export const ms = z.int().min(0).max(8.64e15);
/** No listing goes on behind so many. */
export const deepest = 10_000;

/** Items so far; a listing by offset ends at `deepest`, since each page costs what lies before it. */
const offset = cursorOf(z.strictObject({ skip: z.int().min(0).max(deepest) }));

/** A page of a listing that is in memory as a whole. */
export const pageOfAll = <R, T>(all: readonly R[], query: PageQuery, show: (r: R) => T): Page<T> => {
  const skip = offset.decode(query.cursor)?.skip ?? 0;
  const next = skip + limitOf(query);
  return {
    items: all.slice(skip, next).map(show),
    next_cursor: next < all.length && next < deepest ? offset.encode({ skip: next }) : null,
  };
};

export interface PageQuery {
  cursor?: string | undefined;
  limit?: number | undefined;
}

export const limitOf = (query: PageQuery): number => query.limit ?? bounds.pageDefault;

/** A page of `limit` out of what was read with one more than that; `keyOf` gives the sort key of the last one shown. */
export const pageOf = <R, T, K>(
  records: readonly R[],
  limit: number,
  cursor: Cursor<K>,
  keyOf: (last: R) => K,
  show: (r: R) => T,
): Page<T> => {
  const shown = records.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(show), next_cursor: records.length > limit && last !== undefined ? cursor.encode(keyOf(last)) : null };
};

import { z } from 'zod';
import { Fault } from '../../kernel/errors.js';
import { bounds, id } from '../../protocol/primitives.js';
import type { Page } from '../../protocol/resources.js';

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

const cursorOf = <K>(schema: z.ZodType<K>): Cursor<K> => ({
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

const ms = z.int().min(0).max(8.64e15);
const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const deepest = 10_000;

export const cursors = {
  community: cursorOf(z.strictObject({ name: z.string().max(bounds.name), id })),
  membership: cursorOf(z.strictObject({ joined_at: ms, member_id: id })),
  thread: cursorOf(z.strictObject({ is_pinned: z.boolean(), last_activity: ms, id })),
  message: cursorOf(z.strictObject({ created_at: ms, id })),
  notification: cursorOf(z.strictObject({ created_at: ms, id })),
  member: cursorOf(z.string().min(1).max(64)),
  /** History goes on before a seq or after one. */
  history: cursorOf(z.union([z.strictObject({ before: seq }), z.strictObject({ after: seq })])),
  reply: cursorOf(z.strictObject({ after: seq })),
  /** Behind so many ranked hits, or with what is older than a hit. */
  search: cursorOf(
    z.union([
      z.strictObject({ skip: z.int().min(0).max(deepest), newest: ms.optional(), wider: z.literal(true).optional() }),
      z.strictObject({ created_at: ms, id, wider: z.literal(true).optional() }),
    ]),
  ),
  /** Items so far; a listing by offset ends at `deepest`, since each page costs what lies before it. */
  offset: cursorOf(z.strictObject({ skip: z.int().min(0).max(deepest) })),
};

export const offsetCursor = (skip: number): string | null => (skip < deepest ? cursors.offset.encode({ skip }) : null);

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

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { cursorOf, deepest, ms, pageOf, pageOfAll } from '../../../src/catalogue/cursor.js';
import { bounds, cursor as cursorSchema, id as idSchema, seq } from '../../../src/protocol/primitives.js';

const id = '665f1c2ab3d4e5f60718293a';
const refusal = expect.objectContaining({ code: 'validation_failed', errors: [{ path: 'cursor', message: expect.any(String) }] });

const byName = cursorOf(z.strictObject({ name: z.string().max(bounds.name), id: idSchema }));
const byTime = cursorOf(z.strictObject({ created_at: ms, id: idSchema }));
const bySeq = cursorOf(z.union([z.strictObject({ before: seq }), z.strictObject({ after: seq })]));

describe('cursors', () => {
  it('come back as they were, and fit into the query', () => {
    const key = { name: '界'.repeat(bounds.name), id };
    const text = byName.encode(key);
    expect(cursorSchema.safeParse(text).success).toBe(true);
    expect(byName.decode(text)).toEqual(key);
    expect(byName.decode(undefined)).toBeUndefined();
  });

  it('refuse what is not theirs', () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bad = [
      '',
      'x',
      '%%%',
      encode(null),
      encode({}),
      encode({ created_at: { $gt: 0 }, id }),
      encode({ created_at: 1, id: { $ne: null } }),
      encode({ created_at: 1, id, extra: 1 }),
      encode({ created_at: 1e300, id }),
      byName.encode({ name: 'x', id }),
    ];
    for (const text of bad) expect(() => byTime.decode(text)).toThrow(refusal);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => bySeq.decode(text)).toThrow(refusal);
      }),
    );
  });
});

describe('pages', () => {
  const all = Array.from({ length: 25 }, (_, n) => n);

  it('of what was read with one more end where there is none', () => {
    const at = cursorOf(z.int());
    const page = (from: number, limit: number) => pageOf(all.slice(from, from + limit + 1), limit, at, (last) => last, String);
    const first = page(0, 10);
    expect(first.items).toEqual(all.slice(0, 10).map(String));
    expect(at.decode(first.next_cursor ?? undefined)).toBe(9);
    expect(page(15, 10)).toEqual({ items: all.slice(15).map(String), next_cursor: null });
    expect(page(25, 10)).toEqual({ items: [], next_cursor: null });
  });

  it('of what is in memory go to the end, and no deeper than a listing may', () => {
    const seen: number[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = pageOfAll(all, { cursor, limit: 10 }, (n) => n);
      seen.push(...page.items);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(all);
    const many = Array.from({ length: deepest + 200 }, (_, n) => n);
    const last = pageOfAll(
      many,
      { cursor: Buffer.from(JSON.stringify({ skip: deepest - 100 })).toString('base64url'), limit: 100 },
      (n) => n,
    );
    expect([last.items.length, last.next_cursor]).toEqual([100, null]);
    for (const skip of [-1, 1.5, deepest + 1, '1', null]) {
      const cursor = Buffer.from(JSON.stringify({ skip })).toString('base64url');
      expect(() => pageOfAll(all, { cursor }, (n) => n)).toThrow(refusal);
    }
  });
});

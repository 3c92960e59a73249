import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cursors } from '../../../src/gateway/operations/cursor.js';
import { span } from '../../../src/gateway/operations/history.js';
import { bounds, cursor as cursorSchema } from '../../../src/protocol/primitives.js';

const id = '665f1c2ab3d4e5f60718293a';

describe('cursors', () => {
  it('come back as they were, and fit into the query', () => {
    const key = { name: '界'.repeat(bounds.name), id };
    const text = cursors.community.encode(key);
    expect(cursorSchema.safeParse(text).success).toBe(true);
    expect(cursors.community.decode(text)).toEqual(key);
    expect(cursors.community.decode(undefined)).toBeUndefined();
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
      cursors.thread.encode({ is_pinned: true, last_activity: 1, id }),
    ];
    for (const text of bad) expect(() => cursors.message.decode(text)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => cursors.history.decode(text)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
      }),
    );
  });
});

describe('a page of history', () => {
  const size = { first: 1, head: 100, limit: 10 };
  it('is the newest, before, after or around', () => {
    expect(span({ at: 'newest' }, size)).toEqual({ from: 91, to: 101, older: true });
    expect(span({ at: 'before', seq: 50 }, size)).toEqual({ from: 40, to: 50, older: true });
    expect(span({ at: 'before', seq: 5 }, size)).toEqual({ from: 1, to: 5, older: true });
    expect(span({ at: 'after', seq: 50 }, size)).toEqual({ from: 51, to: 61, older: false });
    expect(span({ at: 'after', seq: 95 }, size)).toEqual({ from: 96, to: 101, older: false });
    expect(span({ at: 'around', seq: 50 }, size)).toEqual({ from: 45, to: 55, older: true });
    expect(span({ at: 'around', seq: 1 }, size)).toEqual({ from: 1, to: 11, older: true });
    expect(span({ at: 'around', seq: 100 }, size)).toEqual({ from: 91, to: 101, older: true });
  });

  it('stays within what there is and within the limit, wherever it is asked for', () => {
    const place = fc.oneof(
      fc.constant({ at: 'newest' as const }),
      fc.record({ at: fc.constantFrom('before' as const, 'after' as const, 'around' as const), seq: fc.nat(Number.MAX_SAFE_INTEGER) }),
      fc.record({ at: fc.constantFrom('before' as const, 'after' as const, 'around' as const), seq: fc.nat(400) }),
    );
    fc.assert(
      fc.property(place, fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 100 }), (where, floor, more, limit) => {
        const first = floor + 1;
        const head = floor + more;
        const { from, to } = span(where, { first, head, limit });
        expect(from).toBeGreaterThanOrEqual(first);
        if (from >= to) return;
        expect(to).toBeLessThanOrEqual(head + 1);
        expect(to - from).toBeLessThanOrEqual(limit);
        if (where.at === 'around' && where.seq >= first && where.seq <= head) {
          expect(from <= where.seq && where.seq < to).toBe(true);
          expect(to - from).toBe(Math.min(limit, more));
        }
      }),
    );
  });
});

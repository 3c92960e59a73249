import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { span } from '../../../src/features/messages/history.js';

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

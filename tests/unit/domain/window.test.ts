import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentWindow } from '../../../src/actors/domain/thread/window.js';
import type { MessageRecord } from '../../../src/store/contracts.js';
import { tombstone } from '../../../src/store/tombstone.js';

const record = (seq: number, rev: number): MessageRecord => ({
  ...tombstone({ id: String(seq).padStart(24, '0'), thread_id: 't', community_id: 'c', seq, rev, epoch: 1 }, 0),
  deleted_at: null,
  nonce: `n${seq}`,
  author: 'a',
});

describe('the recent window', () => {
  it('finds by id and nonce, and forgets the oldest half when full', () => {
    const window = new RecentWindow([], 0);
    for (let i = 1; i <= 257; i++) window.apply(record(i, i));
    expect(window.size).toBe(129);
    expect(window.firstSeq).toBe(129);
    expect(window.byNonce('a', 'n1')).toBeUndefined();
    expect(window.byNonce('a', 'n257')?.seq).toBe(257);
    expect(window.newest(2).map((m) => m.seq)).toEqual([256, 257]);
  });

  it('says null when asked for changes before what it knows', () => {
    const window = new RecentWindow([record(5, 9)], 9);
    expect(window.changedAfter(7)).toBeNull();
    expect(window.changedAfter(9)).toEqual([]);
    window.apply(record(6, 10));
    expect(window.changedAfter(9)?.map((m) => m.rev)).toEqual([10]);
  });

  it('knows what changed before it was read, as far back as its messages account for each rev', () => {
    const window = new RecentWindow([record(1, 8), record(2, 2), record(3, 3), record(4, 6), record(5, 7)], 8);
    // 4 and 5 were earlier texts of what stands here, or something older than the window.
    expect(window.changedAfter(5)?.map((m) => m.rev)).toEqual([6, 7, 8]);
    expect(window.changedAfter(4)).toBeNull();
    window.apply(record(6, 9));
    window.apply(record(4, 10));
    expect(window.changedAfter(5)?.map((m) => m.rev)).toEqual([7, 8, 9, 10]);
  });

  it('knows of a bounded number of changes from before its messages, those that changed last', () => {
    const window = new RecentWindow([], 0);
    for (let i = 1; i <= 600; i++) window.apply(record(i, i));
    for (let i = 1; i <= 128; i++) window.apply(record(i, 600 + i));
    expect(window.changedAfter(600)).toHaveLength(128);
    window.apply(record(129, 729));
    expect(window.changedAfter(663)).toBeNull();
    expect(window.changedAfter(664)?.map((m) => m.rev)).toEqual(Array.from({ length: 65 }, (_x, i) => 665 + i));
  });

  it('still knows of a late change of a message that it has forgotten', () => {
    const window = new RecentWindow([], 0);
    for (let i = 1; i <= 256; i++) window.apply(record(i, i));
    window.apply(record(1, 257));
    window.apply(record(257, 258));
    expect([window.firstSeq, window.changedAfter(127), window.changedAfter(128)?.length]).toEqual([129, null, 130]);
    expect(window.changedAfter(256)?.map((m) => [m.seq, m.rev])).toEqual([
      [1, 257],
      [257, 258],
    ]);
  });

  it('answers what changed after any rev just as a full scan would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat(400), { nil: undefined, freq: 2 }), { maxLength: 900 }),
        fc.nat(900),
        fc.nat(900),
        (acts, after, readAt) => {
          let window = new RecentWindow([], 0);
          const all = new Map<number, MessageRecord>();
          let rev = 0;
          for (const act of acts) {
            const seq = act !== undefined && all.has(act) ? act : all.size + 1;
            const next = record(seq, ++rev);
            all.set(seq, next);
            window.apply(next);
            if (rev === readAt) window = new RecentWindow([...all.values()].slice(-64), rev);
          }
          const found = window.changedAfter(after);
          const expected = [...all.values()].filter((m) => m.rev > after).sort((a, b) => a.rev - b.rev);
          if (found !== null) expect(found).toEqual(expected);
          // Half of what it may keep, unless it was read later.
          else expect(expected.length).toBeGreaterThan(after < readAt && readAt <= rev ? 0 : 64);
        },
      ),
      { numRuns: 60 },
    );
  });
});

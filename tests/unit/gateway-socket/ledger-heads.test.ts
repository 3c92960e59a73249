import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerHeads } from '../../../src/gateway/socket/ledger-heads.js';
import { FakeClock } from '../../../src/kernel/clock.js';

describe('the head of a ledger that has changed', () => {
  const [room, ledger] = ['l:me:1', 'me'];
  let clock: FakeClock;
  let heads: LedgerHeads;
  let told: [room: string, head: number, items: number][];
  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    heads = new LedgerHeads({
      clock,
      tell: (to, head) => void told.push([to, head.head_rev, head.items.length + head.head_rev - head.after_rev]),
    });
    heads.start();
  });
  afterEach(() => heads.stop());
  const changed = (rev: number, to = room): void =>
    heads.published(to, { ledger, after_rev: rev - 1, head_rev: rev, items: [{ kind: 'k', key: 'x', rev, deleted: true }] });

  it('is told three times more within half a minute, so that two lost events of four leave nobody behind', async () => {
    changed(7);
    changed(3, 'l:community:2');
    await clock.advance(29_000);
    expect(told.filter(([to]) => to === room)).toEqual([
      [room, 7, 0],
      [room, 7, 0],
      [room, 7, 0],
    ]);
    expect(told).toHaveLength(6);
    await clock.advance(600_000);
    expect(told).toHaveLength(6);
  });

  it('is told so after the last of many changes too, and during them once in five seconds at most', async () => {
    for (let rev = 1; rev <= 60; rev++) {
      changed(rev);
      await clock.advance(1_000);
    }
    const during = told.length;
    expect(during).toBeGreaterThan(3);
    expect(during).toBeLessThanOrEqual(12);
    await clock.advance(29_000);
    const after = told.slice(during).map(([, head]) => head);
    expect(after.length).toBeGreaterThanOrEqual(2);
    expect(new Set(after)).toEqual(new Set([60]));
  });

  it('is told so when it was told alone too, after an owner has taken over', async () => {
    heads.published(room, { ledger, after_rev: 7, head_rev: 7, items: [] });
    await clock.advance(29_000);
    expect(told.map(([, head]) => head)).toEqual([7, 7, 7]);
  });

  it('never goes back: what is published late counts for nothing', async () => {
    changed(7);
    changed(6);
    await clock.advance(29_000);
    expect(told.map(([, head]) => head)).toEqual([7, 7, 7]);
  });
});

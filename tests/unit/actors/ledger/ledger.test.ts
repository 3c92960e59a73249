import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Draft } from '../../../../src/actors/ledger/ledger.js';
import { FakeClock } from '../../../../src/kernel/clock.js';
import { Owner, Trouble } from './stage.js';

const name = 'me:65f000000000000000000001';
const draft = (key: string, value: unknown, op_id?: string): Draft => ({
  by: null,
  operation: 'put',
  changes: [{ kind: 'k', key, value }],
  ...(op_id !== undefined && { op_id }),
});

describe('A ledger', () => {
  let clock: FakeClock;
  let store: Trouble;
  let owner: Owner;
  beforeEach(() => {
    clock = new FakeClock();
    store = new Trouble(clock);
    owner = new Owner(name, clock, 1, store);
  });
  const commit = (by: Owner, key: string, value: unknown, op?: string) => by.turn(() => by.ledger.commit(() => draft(key, value, op)));
  /** Lets time pass until it is settled. */
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    void work.finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(50);
    return work;
  };
  const next = (epoch: number) => {
    owner.context.isLost = true;
    owner = new Owner(name, clock, epoch, store);
    return owner;
  };

  it('costs one insert a commit, and one projection for all of half a second', async () => {
    await commit(owner, 'a', 0);
    await clock.advance(1_000);
    store.calls.clear();
    for (let at = 1; at <= 10; at++) await commit(owner, `k${at % 3}`, at);
    expect(Object.fromEntries(store.calls)).toEqual({ append: 10 });
    await clock.advance(600);
    expect(Object.fromEntries(store.calls)).toEqual({ append: 10, project: 1 });
    await clock.advance(60_000);
    expect(Object.fromEntries(store.calls)).toEqual({ append: 10, project: 1 });
    store.calls.clear();
    // Who knows what is in memory is answered from it.
    await owner.sync({ after_rev: 3 });
    expect(Object.fromEntries(store.calls)).toEqual({});
  });

  it('answers an attempt of the same name with its first commit, whoever owns it by then', async () => {
    const first = await commit(owner, 'a', 1, 'once');
    expect(await commit(owner, 'a', 2, 'once')).toEqual({ commit: first!.commit, isAgain: true });
    // What is projected is not in the memory of the next owner.
    await clock.advance(1_000);
    expect(await commit(next(2), 'a', 3, 'once')).toEqual({ commit: first!.commit, isAgain: true });
    expect(store.calls.get('append')).toBe(2);
  });

  it('decides anew upon what another owner has written', async () => {
    const other = new Owner(name, clock, 2, store);
    await owner.turn(() => owner.ledger.begin());
    await commit(other, 'count', 1);
    const heads: unknown[] = [];
    await owner.turn(() =>
      owner.ledger.commit(async () => {
        const before = (await owner.ledger.item('k', 'count'))?.value;
        heads.push(before);
        return draft('count', Number(before ?? 0) + 1);
      }),
    );
    expect(heads).toEqual([undefined, 1]);
    expect((await owner.ledger.item('k', 'count'))?.value).toBe(2);
    expect(owner.committed.map(({ rev }) => rev)).toEqual([1, 2]);
  });

  it('says that an outcome is not known, and shows the commit once it is', async () => {
    await commit(owner, 'a', 1);
    store.failing = true;
    const asked = commit(owner, 'a', 2).catch((error: { code: string }) => error.code);
    await clock.advance(5_000);
    expect(await asked).toBe('timeout');
    store.failing = false;
    await store.land();
    await clock.advance(3_000);
    expect(owner.committed.map(({ rev }) => rev)).toEqual([1, 2]);
    expect((await owner.sync({ after_rev: 1 })).items).toEqual([{ kind: 'k', key: 'a', rev: 2, value: 2 }]);
  });

  it('shows a commit once that a look finds before its outcome is known', async () => {
    await commit(owner, 'a', 1);
    store.failing = true;
    const asked = commit(owner, 'a', 2).catch((error: { code: string }) => error.code);
    await clock.advance(4_500);
    expect([await asked, owner.ledger.isUnsure]).toEqual(['timeout', true]);
    store.failing = false;
    await store.land();
    await during(owner.turn(() => owner.ledger.lookAgain()));
    expect(owner.committed.map(({ rev }) => rev)).toEqual([1, 2]);
    await clock.advance(5_000);
    expect([owner.committed.map(({ rev }) => rev), owner.ledger.head, owner.ledger.isUnsure]).toEqual([[1, 2], 2, false]);
  });

  it('decides nothing before it is known what became of a commit, and then it cannot land any more', async () => {
    await commit(owner, 'a', 1);
    store.failing = true;
    const asked = commit(owner, 'a', 2).catch(() => undefined);
    await clock.advance(4_500);
    await asked;
    store.failing = false;
    await during(commit(owner, 'a', 3));
    await store.land();
    expect((await store.base.commitsAfter(name, 0, 10)).map(({ changes }) => changes)).toEqual(
      [1, 2, 3].map((value) => [{ kind: 'k', key: 'a', value }]),
    );
  });

  it('commits nothing where there is nothing to do, and refuses too much at once', async () => {
    expect(await owner.turn(() => owner.ledger.commit(() => null))).toBeNull();
    expect(await owner.turn(() => owner.ledger.commit(() => ({ by: null, operation: 'put', changes: [] })))).toBeNull();
    const changes = Array.from({ length: 201 }, (_, at) => ({ kind: 'k', key: `${at}`, value: 1 }));
    const many = owner.turn(() => owner.ledger.commit(() => ({ by: null, operation: 'put', changes })));
    await expect(many).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(commit(owner, 'a', 'x'.repeat(70_000))).rejects.toMatchObject({ code: 'validation_failed' });
    expect(store.calls.get('append')).toBeUndefined();
  });

  it('begins no write once its place is lost', async () => {
    await owner.turn(() => owner.ledger.begin());
    owner.context.isLost = true;
    await expect(commit(owner, 'a', 1)).rejects.toMatchObject({ code: 'unavailable' });
    expect(store.calls.get('append')).toBeUndefined();
  });

  it('lets no more than 64 commits wait to be projected, and the next owner brings them along', async () => {
    for (let at = 1; at <= 70; at++) await commit(owner, `k${at}`, at);
    expect(store.calls.get('project')).toBe(1);
    const heir = next(2);
    expect((await heir.sync({})).items).toHaveLength(70);
    expect((await store.edges(name)).projected).toBe(70);
  });

  it('is told of by the next owner where the one before may have ended before it showed the newest commits', async () => {
    await commit(owner, 'a', 1);
    await clock.advance(1_000);
    await next(2).sync({});
    expect(owner.tookOver).toEqual([]);
    store.fates = ['unseen'];
    const asked = commit(owner, 'a', 2).catch(() => undefined);
    await clock.advance(10);
    const [before, heir] = [owner, next(3)];
    await during(asked);
    expect(before.committed.map(({ rev }) => rev)).not.toContain(2);
    await heir.sync({});
    expect(heir.tookOver).toEqual([2]);
  });

  describe('gives a snapshot', () => {
    it('page by page, after which its changes follow', async () => {
      for (let at = 0; at < 1_200; at++) await commit(owner, `k${String(at).padStart(4, '0')}`, at);
      const first = await owner.sync({});
      expect(first).toMatchObject({ rev: 1_200, head_rev: 1_200, reset: true });
      expect(first.items).toHaveLength(500);
      await commit(owner, 'k0001', 'changed');
      await owner.turn(() =>
        owner.ledger.commit(() => ({ by: null, operation: 'put', changes: [{ kind: 'k', key: 'k0002', deleted: true }] })),
      );
      const second = await owner.sync({ from: first.next! });
      const third = await owner.sync({ from: second.next! });
      expect([second.reset, second.rev, third.rev, third.items.length, third.next]).toEqual([false, 1_200, 1_200, 200, null]);
      expect((await owner.sync({ after_rev: 1_200 })).items).toEqual([
        { kind: 'k', key: 'k0001', rev: 1_201, value: 'changed' },
        { kind: 'k', key: 'k0002', rev: 1_202, deleted: true },
      ]);
    });

    it('to whoever knows more than there is', async () => {
      await commit(owner, 'a', 1);
      expect(await owner.sync({ after_rev: 2 })).toMatchObject({ reset: true, rev: 1 });
      expect(await owner.sync({ from: { start: 2, kind: 'k', key: 'a' } })).toMatchObject({ reset: true, rev: 1 });
    });

    it('to whoever knows less than the floor', async () => {
      for (let at = 1; at <= 150; at++) await commit(owner, 'a', at);
      await clock.advance(11 * 60_000);
      for (let at = 1; at <= 1_000; at++) await commit(owner, 'a', at);
      await clock.advance(1_000);
      const { floor } = owner.ledger;
      expect(floor).toBeGreaterThan(0);
      expect(floor).toBeLessThanOrEqual(150);
      expect(await owner.sync({ after_rev: floor - 1 })).toMatchObject({ reset: true, rev: 1_150 });
      expect(await owner.sync({ after_rev: floor })).toMatchObject({ reset: false, rev: 1_150 });
      expect((await next(2).sync({ after_rev: floor - 1 })).reset).toBe(true);
    });
  });

  it('ends a page of changes with a whole commit', async () => {
    for (let at = 0; at < 10; at++) {
      const changes = Array.from({ length: 120 }, (_, i) => ({ kind: 'k', key: `${at}-${i}`, value: at }));
      await owner.turn(() => owner.ledger.commit(() => ({ by: null, operation: 'put', changes })));
    }
    const heir = next(2);
    const first = await heir.sync({ after_rev: 0 });
    expect([first.rev, first.items.length, first.head_rev]).toEqual([4, 480, 10]);
    const second = await heir.sync({ after_rev: first.rev });
    expect([second.rev, second.items.length]).toEqual([8, 480]);
    expect((await heir.sync({ after_rev: second.rev })).rev).toBe(10);
  });

  it('ends a page before it grows too large', async () => {
    for (let at = 0; at < 12; at++) await commit(owner, `${at}`, 'x'.repeat(60_000));
    const page = await next(2).sync({ after_rev: 0 });
    expect(page.rev).toBe(4);
    expect(page.items).toHaveLength(4);
  });

  it('keeps what many bytes of changes leave of its tail', async () => {
    for (let at = 0; at < 12; at++) await commit(owner, `${at}`, 'x'.repeat(60_000));
    await clock.advance(1_000);
    await commit(owner, 'last', 1);
    expect(owner.ledger.tail.changedAfter(owner.ledger.head - 2)).toHaveLength(2);
    expect(owner.ledger.tail.changedAfter(owner.ledger.head - 8)).toBeUndefined();
  });
});

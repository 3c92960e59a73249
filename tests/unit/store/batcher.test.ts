import { describe, expect, jest, test } from '@jest/globals';
import { Batcher, type BatcherOptions } from '../../../src/store/batcher.js';

interface Write {
  batch: readonly string[];
  finish(outcomes?: readonly string[]): void;
  fail(): void;
}

/** A writer whose writes end when the test says so. */
const steered = (options: Partial<BatcherOptions<string, string>> & { inFlight?: number; items?: number; bytes?: never } = {}) => {
  const writes: Write[] = [];
  const commit = new Batcher<string, string>({
    run: (batch) =>
      new Promise((resolve, reject) => {
        writes.push({
          batch,
          finish: (outcomes = batch.map((item) => `${item}!`)) => resolve(outcomes),
          fail: () => reject(new Error('no')),
        });
      }),
    lost: 'lost',
    bytes: (item) => item.length,
    ...(options.key && { key: options.key }),
    ...(options.gapMs !== undefined && { gapMs: options.gapMs }),
    ...(options.overlapMs !== undefined && { overlapMs: options.overlapMs }),
    most: { items: 4, bytes: 20, queued: 12, inFlight: 1, ...options.most },
  });
  return { commit, writes, batches: () => writes.map((write) => write.batch.join(' ')) };
};
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('batcher', () => {
  test('what comes in one turn goes in one write, what comes meanwhile forms the next', async () => {
    const { commit, writes, batches } = steered();
    const first = commit.add(['a']);
    const second = commit.add(['b', 'c']);
    await turn();
    const third = commit.add(['d']);
    const fourth = commit.add(['e']);
    await turn();
    expect(batches()).toEqual(['a b c']);
    writes[0]!.finish();
    expect(await first).toEqual(['a!']);
    expect(await second).toEqual(['b!', 'c!']);
    await turn();
    expect(batches()).toEqual(['a b c', 'd e']);
    writes[1]!.finish(['x', 'y']);
    expect([await third, await fourth]).toEqual([['x'], ['y']]);
  });

  test('a batch is bounded by items and by bytes; one that is too large by itself goes alone', async () => {
    const { commit, writes, batches } = steered();
    const all = commit.add(['1', '2', '3', '4', '5', 'x'.repeat(15), 'y'.repeat(15), 'z'.repeat(50)]);
    for (let at = 0; at < 4; at++) {
      await turn();
      writes[at]!.finish();
    }
    expect(batches()).toEqual(['1 2 3 4', `5 ${'x'.repeat(15)}`, 'y'.repeat(15), 'z'.repeat(50)]);
    expect(await all).toHaveLength(8);
  });

  test('so many writes at once and no more', async () => {
    const { commit, writes, batches } = steered({ most: { items: 1, bytes: 20, queued: 12, inFlight: 2 } });
    const all = commit.add(['a', 'b', 'c', 'd']);
    await turn();
    expect(batches()).toEqual(['a', 'b']);
    writes[1]!.finish();
    await turn();
    expect(batches()).toEqual(['a', 'b', 'c']);
    writes[0]!.finish();
    writes[2]!.finish();
    await turn();
    writes[3]!.finish();
    expect(await all).toEqual(['a!', 'b!', 'c!', 'd!']);
  });

  test('a failed write leaves its own items unknown and goes on', async () => {
    const { commit, writes } = steered();
    const first = commit.add(['a', 'b']);
    await turn();
    const second = commit.add(['c']);
    writes[0]!.fail();
    expect(await first).toEqual(['lost', 'lost']);
    await turn();
    writes[1]!.finish();
    expect(await second).toEqual(['c!']);
  });

  test('an outcome that the writer forgot is unknown', async () => {
    const { commit, writes } = steered();
    const all = commit.add(['a', 'b']);
    await turn();
    writes[0]!.finish(['fine']);
    expect(await all).toEqual(['fine', 'lost']);
  });

  test('a full queue answers at once', async () => {
    const { commit, writes } = steered();
    const under = commit.add(['a']);
    await turn();
    const full = commit.add(Array(12).fill('b'));
    expect(await commit.add(['c'])).toEqual(['lost']);
    expect(await commit.add([])).toEqual([]);
    for (let at = 0; at < 4; at++) {
      writes[at]!.finish();
      await turn();
    }
    expect(await under).toEqual(['a!']);
    expect(await full).toHaveLength(12);
  });

  test('items of one key go one after the other, in order, and do not hold up others', async () => {
    const { commit, writes, batches } = steered({
      key: (item) => item[0]!,
      most: { items: 4, bytes: 20, queued: 12, inFlight: 2 },
    });
    const all = commit.add(['a1', 'b1', 'a2', 'c1', 'a3', 'b2']);
    await turn();
    expect(batches()).toEqual(['a1 b1 c1']);
    writes[0]!.finish();
    await turn();
    expect(batches()).toEqual(['a1 b1 c1', 'a2 b2']);
    const late = commit.add(['d1', 'a4']);
    await turn();
    expect(batches()[2]).toBe('d1');
    writes[1]!.finish();
    await turn();
    writes[2]!.finish();
    writes[3]!.finish();
    await turn();
    writes[4]!.finish();
    expect(batches()).toEqual(['a1 b1 c1', 'a2 b2', 'd1', 'a3', 'a4']);
    expect(await all).toEqual(['a1!', 'b1!', 'a2!', 'c1!', 'a3!', 'b2!']);
    expect(await late).toEqual(['d1!', 'a4!']);
  });

  test('with a gap, what comes alone goes at once, and what comes soon after it waits for others', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { commit, writes, batches } = steered({ gapMs: (items) => 10 * items });
      const first = commit.add(['a']);
      await turn();
      writes[0]!.finish();
      await first;
      jest.advanceTimersByTime(3);
      const second = commit.add(['b']);
      await turn();
      jest.advanceTimersByTime(3);
      const third = commit.add(['c']);
      await turn();
      expect(batches()).toEqual(['a']);
      jest.advanceTimersByTime(4);
      await turn();
      expect(batches()).toEqual(['a', 'b c']);
      writes[1]!.finish();
      expect(await Promise.all([second, third])).toEqual([['b!'], ['c!']]);
      // Two came together: the next waits twice as long for more.
      jest.advanceTimersByTime(10);
      void commit.add(['d']);
      await turn();
      expect(batches()).toEqual(['a', 'b c']);
      jest.advanceTimersByTime(10);
      await turn();
      expect(batches()).toEqual(['a', 'b c', 'd']);
    } finally {
      jest.useRealTimers();
    }
  });

  test('one that takes longer than others wait holds nobody up, and when the last that began is done the next begins', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { commit, writes, batches } = steered({ overlapMs: 10, most: { items: 2, bytes: 20, queued: 12, inFlight: 3 } });
      void commit.add(['a']);
      await turn();
      void commit.add(['b', 'c', 'd']);
      await turn();
      expect(batches()).toEqual(['a']);
      jest.advanceTimersByTime(9);
      await turn();
      expect(batches()).toEqual(['a']);
      jest.advanceTimersByTime(1);
      await turn();
      expect(batches()).toEqual(['a', 'b c']);
      // The first is stuck; the second is done.
      writes[1]!.finish();
      await turn();
      await turn();
      expect(batches()).toEqual(['a', 'b c', 'd']);
      void commit.add(['e']);
      await turn();
      // That the first is done at last says nothing of the third.
      writes[0]!.finish();
      await turn();
      expect(batches()).toEqual(['a', 'b c', 'd']);
      writes[2]!.finish();
      await turn();
      await turn();
      expect(batches()).toEqual(['a', 'b c', 'd', 'e']);
      // All that may be under way are stuck: nothing more begins.
      for (const item of ['f', 'g', 'h']) {
        jest.advanceTimersByTime(10);
        void commit.add([item]);
        await turn();
      }
      jest.advanceTimersByTime(100);
      await turn();
      expect(batches()).toEqual(['a', 'b c', 'd', 'e', 'f', 'g']);
      writes[3]!.finish();
      await turn();
      await turn();
      expect(batches()).toEqual(['a', 'b c', 'd', 'e', 'f', 'g', 'h']);
    } finally {
      jest.useRealTimers();
    }
  });

  test('idle comes when nothing waits and nothing is under way', async () => {
    const { commit, writes } = steered();
    await commit.idle();
    void commit.add(['a', 'b', 'c', 'd', 'e']);
    let isIdle = false;
    const idle = commit.idle().then(() => {
      isIdle = true;
    });
    await turn();
    writes[0]!.finish();
    await turn();
    expect(isIdle).toBe(false);
    writes[1]!.finish();
    await idle;
  });
});

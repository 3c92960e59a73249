import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/kernel/clock.js';
import { restByLoad, restFor } from '../../../src/workers/rest.js';
import { Visitor } from '../../../src/workers/visit.js';

describe('rest of workers', () => {
  test('as long as they worked while the process has time, and longer the busier it is', () => {
    expect([0, 0.3, 0.5].map(restFor)).toEqual([1, 1, 1]);
    expect(restFor(0.75)).toBeCloseTo(2);
    expect([1, 7].map(restFor)).toEqual([3, 3]);
  });

  test('by what the event loop did since it was last asked', async () => {
    const rest = restByLoad();
    await new Promise((resolve) => setTimeout(resolve, 40));
    rest();
    const until = performance.now() + 30;
    while (performance.now() < until);
    expect(rest()).toBeGreaterThan(2);
  });

  test('a visit rests by it, and never longer than a second', async () => {
    const clock = new FakeClock();
    const store = {
      search: { progress: async () => new Map([['t', 0]]), setProgress: async () => undefined },
      threads: { byIds: async () => [{ id: 't', deleted_at: null }] },
      messages: {
        changedInThreads: async ([{ rev }]: [{ rev: number }]) => (rev < 2 ? [{ thread_id: 't', rev: rev + 1 }] : []),
      },
    };
    const works = [10, 500];
    const follower = {
      consumer: 'search' as const,
      overwrites: true,
      follow: async () => clock.sleep(works.shift() ?? 0),
    };
    const visitor = new Visitor(store as never, follower, clock, () => 4);
    let isDone = false;
    const visited = visitor.visit(['t']).then(() => {
      isDone = true;
    });
    await clock.advance(10 + 40 + 500 + 999);
    expect(isDone).toBe(false);
    await clock.advance(1);
    await visited;
    expect(isDone).toBe(true);
  });
});

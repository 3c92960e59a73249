import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/kernel/clock.js';
import { restByLoad, restFor } from '../../../src/workers/rest.js';
import { Visitor } from '../../../src/workers/visit.js';

describe('rest of workers', () => {
  test('as long as they worked while the process has time, and longer the busier it is', () => {
    expect([0, 0.3, 0.5].map((utilization) => restFor(utilization, 0))).toEqual([1, 1, 1]);
    expect(restFor(0.75, 0)).toBeCloseTo(5);
    expect([1, 7].map((utilization) => restFor(utilization, 0))).toEqual([9, 9]);
  });

  test('less the longer what they work off has waited', () => {
    expect([10_000, 30_000, 90_000, 3_600_000].map((ageMs) => restFor(1, ageMs))).toEqual([9, 3, 1, 1]);
    expect(restFor(0.5, 0)).toBe(1);
  });

  test('by what the event loop did since it was last asked', async () => {
    const rest = restByLoad();
    await new Promise((resolve) => setTimeout(resolve, 40));
    rest(0);
    const until = performance.now() + 30;
    while (performance.now() < until);
    expect(rest(0)).toBeGreaterThan(3);
  });

  test('a visit rests by how far it is behind, and never longer than five seconds', async () => {
    const clock = new FakeClock();
    const begun = clock.now();
    const asWritten = { thread_id: 't', edited_at: null, deleted_at: null, reactions: [] };
    const page = Array.from({ length: 200 }, (_, i) => ({ ...asWritten, rev: i + 1, created_at: begun - 1_000 }));
    // Changed long after it was written, which is no delay of the visit's.
    page[0] = { ...page[0]!, created_at: begun - 1_000_000, edited_at: begun as never };
    const store = {
      search: { progress: async () => new Map([['t', 0]]), setProgress: async () => undefined },
      threads: { byIds: async () => [{ id: 't', deleted_at: null, head_rev: 201 }] },
      messages: {
        changedInThreads: async ([{ rev }]: [{ rev: number }]) =>
          rev === 0 ? page : [{ ...asWritten, rev: rev + 1, created_at: clock.now() }],
      },
    };
    const works = [10, 2_000];
    const follower = {
      consumer: 'search' as const,
      follow: async () => clock.sleep(works.shift() ?? 0),
    };
    const ages: number[] = [];
    const visitor = new Visitor(store as never, follower, clock, (ageMs) => {
      ages.push(ageMs);
      return 4;
    });
    let isDone = false;
    const visited = visitor.visit(['t']).then(() => {
      isDone = true;
    });
    await clock.advance(10 + 40 + 2_000 + 4_999);
    expect(isDone).toBe(false);
    await clock.advance(1);
    await visited;
    expect(isDone).toBe(true);
    // Of the oldest of the visit, also when what comes after it is new.
    expect(ages).toEqual([1_010, 3_050]);
  });

  test('a visit that waited long for its turn is behind, though it finds nothing that is old', async () => {
    const clock = new FakeClock();
    const fresh = { thread_id: 't', rev: 1, created_at: clock.now(), edited_at: null, deleted_at: null, reactions: [] };
    const store = {
      search: { progress: async () => new Map(), setProgress: async () => undefined },
      threads: { byIds: async () => [{ id: 't', deleted_at: null, head_rev: 1 }] },
      messages: { changedInThreads: async () => [fresh] },
    };
    const ages: number[] = [];
    const visitor = new Visitor(store as never, { consumer: 'search', follow: async () => undefined }, clock, (ageMs) => {
      ages.push(ageMs);
      return 0;
    });
    await visitor.visit(['t'], 40_000);
    await visitor.visit(['t']);
    expect(ages).toEqual([40_000, 0]);
  });
});

import { expect, test } from '@jest/globals';
import type { Store } from '../../../src/store/contracts.js';
import { type Changes, Visitor } from '../../../src/workers/visit.js';
import { ada, id, memoryWorld, type World } from './world.js';

/** A visitor whose follower keeps what it was given, and the reads that it took: how many threads each asked for. */
const watched = (world: World, onFollow: () => Promise<void> = async () => undefined) => {
  const followed: string[] = [];
  const reads: number[] = [];
  const messages = Object.create(world.store.messages) as Store['messages'];
  messages.changedInThreads = (some, limit) => {
    reads.push(some.length);
    return world.store.messages.changedInThreads(some, limit);
  };
  const follower = {
    consumer: 'search' as const,
    follow: async (changes: readonly Changes[]) => {
      followed.push(...changes.flatMap((one) => one.messages.map((message) => `${message.thread_id} ${message.seq}`)));
      await onFollow();
    },
  };
  const store = { search: world.store.search, threads: world.store.threads, messages };
  const visitor = new Visitor(store, follower, world.clock as never, () => 0);
  return { visitor, followed, reads };
};

const fill = async (world: World, thread: string, count: number): Promise<void> => {
  await world.sendAll(thread, ada, Array<string>(count).fill('x'));
};

test('a page that is full is read on from where it ended', async () => {
  const world = await memoryWorld();
  const threads = [1, 2, 3].map(id);
  for (const thread of threads) await world.thread(thread);
  for (const thread of threads) await fill(world, thread, 150);
  const { visitor, followed, reads } = watched(world);
  expect(await visitor.visit(threads)).toEqual({ failed: [], unfinished: [] });
  expect(new Set(followed).size).toBe(450);
  expect(followed).toHaveLength(450);
  // The first was done with the first page.
  expect(reads).toEqual([3, 2, 1]);
});

test('a thread that changes faster than it can be followed leaves the others their turn', async () => {
  const world = await memoryWorld();
  const [endless, other] = [id(1), id(2)];
  for (const thread of [endless, other]) await world.thread(thread, { head_rev: 200 });
  await fill(world, endless, 200);
  await fill(world, other, 1);
  let pages = 0;
  const { visitor, followed } = watched(world, async () => {
    pages++;
    if (pages < 30) await fill(world, endless, 200);
  });
  expect(await visitor.visit([endless, other])).toEqual({ failed: [], unfinished: [endless, other] });
  expect(pages).toBe(25);
  expect(await visitor.visit([other, endless])).toEqual({ failed: [], unfinished: [] });
  expect(new Set(followed).size).toBe(30 * 200 + 1);
  expect(followed).toHaveLength(30 * 200 + 1);
});

import { expect, test } from '@jest/globals';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { SearchRepository } from '../../../src/store/contracts.js';
import { Reindex } from '../../../src/workers/reindex.js';
import { SearchIndex } from '../../../src/workers/search-index.js';
import { Visitor } from '../../../src/workers/visit.js';
import { silentLogger } from '../gateway/two-worlds-records.js';
import { ada, id, memoryWorld, withSearch } from './world.js';

/** A world whose index was written by an earlier release: all of it is outdated until it is written again. */
const outdatedWorld = async (count: number) => {
  const world = await memoryWorld();
  await world.thread(id(1), { title: 'Greetings' });
  const sent = await world.sendAll(
    id(1),
    ada,
    Array.from({ length: count }, (_, at) => `number ${at}`),
  );
  const clock = { now: () => world.clock.now(), monotonic: () => 0, sleep: async () => undefined };
  await new Visitor(world.store, new SearchIndex(world.store), clock as never, () => 0).visit([id(1)]);
  const outdated = new Set(world.indexed());
  const { search } = world.store;
  const written: string[] = [];
  const patch: Partial<SearchRepository> = {
    indexed: async (after, limit) => (await search.indexed(after, limit)).map((one) => ({ ...one, isCurrent: !outdated.has(one.id) })),
    index: async (records) => {
      for (const record of records) {
        outdated.delete(record.id);
        written.push(record.id);
      }
      await search.index(records);
    },
    remove: async (removals) => {
      for (const removal of removals) outdated.delete(removal.id);
      await search.remove(removals);
    },
  };
  const store = withSearch(world.store, patch);
  /** Each look at the time is a millisecond later. */
  let ms = 0;
  const ticking = { now: () => world.clock.now(), monotonic: () => ms++, sleep: async () => undefined };
  const telemetry = new Telemetry();
  const reindex = () => new Reindex({ store, clock: ticking as never, logger: silentLogger, telemetry });
  return { world, sent, outdated, written, reindex, telemetry };
};

test('all that an earlier release wrote is written anew, once, and searching goes on meanwhile', async () => {
  const { world, outdated, written, reindex, telemetry } = await outdatedWorld(1_200);
  const job = reindex();
  expect(await job.run(1)).toBe(false);
  expect(outdated.size).toBeGreaterThan(0);
  expect(await world.find('number')).toHaveLength(100);
  expect((await telemetry.reindex.get()).values).toContainEqual({ value: 500, labels: { state: 'written' } });
  while (!(await job.run(3)));
  expect(outdated.size).toBe(0);
  expect(new Set(written).size).toBe(1_201);
  expect(written).toHaveLength(1_201);
  expect(await job.run(3)).toBe(true);
});

test('another process goes on where one was cut off, and what was done is not done again', async () => {
  const { outdated, written, reindex } = await outdatedWorld(1_200);
  await reindex().run(1);
  const before = written.length;
  expect(before).toBeGreaterThan(0);
  const other = reindex();
  while (!(await other.run(10)));
  expect(outdated.size).toBe(0);
  // But for the thread itself, which each process writes once.
  expect(written.length).toBeLessThanOrEqual(1_202);
});

test('what a node of an earlier release writes after the pass is found by the next one', async () => {
  const { outdated, sent, reindex } = await outdatedWorld(10);
  const job = reindex();
  expect(await job.run(100)).toBe(false);
  outdated.add(sent[3]!.id);
  expect(await job.run(100)).toBe(false);
  expect(outdated.size).toBe(0);
  expect(await job.run(100)).toBe(true);
  outdated.add(sent[4]!.id);
  expect(await job.run(100)).toBe(true);
  await job.again();
  expect(await job.run(100)).toBe(false);
  expect(outdated.size).toBe(0);
});

test('what was changed, deleted or cleared away meanwhile is not brought back', async () => {
  const { world, sent, reindex } = await outdatedWorld(6);
  await world.alter(sent[0]!, { content: 'goodbye', edited_at: 5 });
  await world.delete(sent[1]!);
  const job = reindex();
  while (!(await job.run(100)));
  expect(await world.find('goodbye')).toEqual(['goodbye']);
  expect(await world.find('number')).toHaveLength(4);
  await world.store.threads.update(id(1), { deleted_at: 9 });
  await job.again();
  while (!(await job.run(100)));
  expect(await world.find('goodbye')).toHaveLength(1);
});

test('a thread that was deleted is taken out', async () => {
  const { world, reindex } = await outdatedWorld(3);
  await world.store.threads.update(id(1), { deleted_at: 9 });
  const job = reindex();
  while (!(await job.run(100)));
  expect(world.indexed()).toEqual([]);
});

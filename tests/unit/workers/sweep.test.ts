import { expect, test } from '@jest/globals';
import { backlogLimit } from '../../../src/workers/queues.js';
import { type Backlog, Sweep } from '../../../src/workers/sweep.js';
import { ada, id, memoryWorld } from './world.js';

const minute = 60_000;
const backlogOf = (consumer: 'search' | 'notify', waiting = 0) => {
  const announced: string[] = [];
  const backlog: Backlog = { consumer, waiting: async () => waiting, announce: async (ids) => void announced.push(...ids) };
  return { backlog, announced };
};

test('finds exactly the threads that a consumer has not worked off', async () => {
  const world = await memoryWorld();
  for (const t of [1, 2, 3].map(id)) {
    await world.thread(t);
    await world.send(t, ada, 'x');
  }
  await world.store.search.setProgress('search', [{ thread_id: id(2), rev: 1 }]);
  await world.store.search.setProgress(
    'notify',
    [1, 2, 3].map((n) => ({ thread_id: id(n), rev: 1 })),
  );
  const search = backlogOf('search');
  const notify = backlogOf('notify');
  await new Sweep(world.store, [search.backlog, notify.backlog], world.clock).run(2 * minute);
  expect(search.announced.sort()).toEqual([id(1), id(3)]);
  expect(notify.announced).toEqual([]);
  expect(await world.store.search.swept('search')).toBe(world.clock.now());
});

test('looks back from the last sweep by its reach, no farther', async () => {
  const world = await memoryWorld();
  await world.thread(id(1));
  await world.send(id(1), ada, 'long ago');
  await world.clock.advance(10 * minute);
  await world.store.search.setSwept('search', world.clock.now());
  const near = backlogOf('search');
  await new Sweep(world.store, [near.backlog], world.clock).run(2 * minute);
  expect(near.announced).toEqual([]);
  const far = backlogOf('search');
  await new Sweep(world.store, [far.backlog], world.clock).run(20 * minute);
  expect(far.announced).toEqual([id(1)]);
});

test('with work enough it comes back later, from where it was', async () => {
  const world = await memoryWorld();
  await world.thread(id(1));
  await world.send(id(1), ada, 'x');
  const full = backlogOf('search', 11);
  await new Sweep(world.store, [full.backlog], world.clock).run(2 * minute);
  expect(full.announced).toEqual([]);
  expect(await world.store.search.swept('search')).toBe(0);
});

test('a sweep that fills the queue does not count as made', async () => {
  const world = await memoryWorld();
  await world.thread(id(1));
  await world.send(id(1), ada, 'x');
  let waiting = 0;
  const backlog: Backlog = {
    consumer: 'search',
    waiting: async () => waiting,
    announce: async () => {
      waiting = backlogLimit;
    },
  };
  await new Sweep(world.store, [backlog], world.clock).run(2 * minute);
  expect(await world.store.search.swept('search')).toBe(0);
});

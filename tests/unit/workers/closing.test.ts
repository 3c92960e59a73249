import { expect, test } from '@jest/globals';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { withOverrides } from '../../../src/store/closing.js';
import type { SearchRepository, Store } from '../../../src/store/contracts.js';
import type { MemorySearch } from '../../../src/store/memory/search.js';
import { SearchIndex } from '../../../src/workers/search-index.js';
import { type Backlog, Sweep } from '../../../src/workers/sweep.js';
import { Visitor } from '../../../src/workers/visit.js';
import { ada, community, id, memoryWorld, type World, withSearch } from './world.js';

const t1 = id(1);
const closed: OverrideRecord[] = [{ subject: `role:${community}`, allow: [], deny: ['view'] }];
const visitorOf = (world: World, store: Pick<Store, 'search' | 'threads' | 'messages'> = world.store) =>
  new Visitor(
    store,
    new SearchIndex(store),
    { now: world.clock.now.bind(world.clock), monotonic: () => 0, sleep: async () => undefined } as never,
    () => 0,
  );
const scopesIn = (world: World): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { scope } of (world.store.search as MemorySearch).all()) counts[scope] = (counts[scope] ?? 0) + 1;
  return counts;
};
/** As the thread's actor does. */
const give = async (world: World, overrides: OverrideRecord[], now: number): Promise<void> => {
  const thread = (await world.store.threads.byId(t1))!;
  const change = withOverrides(thread, overrides, now);
  const { scope_since } = change;
  await world.store.threads.setOverrides(thread, change);
  await world.store.search.removeBefore(t1, scope_since!);
};
/** A thread of many messages, some of them deleted, that is indexed. */
const indexed = async (count = 450): Promise<World> => {
  const world = await memoryWorld();
  await world.thread(t1);
  const sent = await world.sendAll(
    t1,
    ada,
    Array.from({ length: count }, (_, at) => `number ${at}`),
  );
  for (const message of sent.slice(0, 10)) await world.delete(message);
  await visitorOf(world).visit([t1]);
  expect(scopesIn(world)).toEqual({ [community]: count - 10 + 1 });
  return world;
};

test('what a thread has stands in its own scope while it is closed, and in its community’s when it is open again', async () => {
  const world = await indexed();
  await give(world, closed, 1_000);
  expect(scopesIn(world)).toEqual({});
  await visitorOf(world).visit([t1]);
  expect(scopesIn(world)).toEqual({ [t1]: 441 });
  await world.send(t1, ada, 'one more');
  await visitorOf(world).visit([t1]);
  expect(scopesIn(world)).toEqual({ [t1]: 442 });
  await give(world, [], 1_000);
  await visitorOf(world).visit([t1]);
  expect(scopesIn(world)).toEqual({ [community]: 442 });
  expect(await world.find('more')).toEqual(['one more']);
});

test('one that is begun closed is never in its community’s scope', async () => {
  const world = await memoryWorld();
  await world.thread(t1, { overrides: closed });
  await world.send(t1, ada, 'hush');
  await visitorOf(world).visit([t1]);
  expect(scopesIn(world)).toEqual({ [t1]: 2 });
});

test('whichever call is the last that a worker makes, the next one ends with everything in the right scope', async () => {
  for (let calls = 0, isCut = true; isCut; calls++) {
    const world = await indexed();
    const thread = (await world.store.threads.byId(t1))!;
    // The actor crashed before it took anything away.
    await world.store.threads.setOverrides(thread, withOverrides(thread, closed, 1_000));
    let left = calls;
    isCut = false;
    const crash = (): void => {
      if (left-- > 0) return;
      isCut = true;
      throw new Error('crashed');
    };
    const each = (name: 'index' | 'remove' | 'removeBefore' | 'setProgress') => (one: never, other: never) => {
      crash();
      return (world.store.search[name] as (a: never, b: never) => Promise<void>)(one, other);
    };
    const patch = Object.fromEntries((['index', 'remove', 'removeBefore', 'setProgress'] as const).map((name) => [name, each(name)]));
    await visitorOf(world, withSearch(world.store, patch as Partial<SearchRepository>))
      .visit([t1])
      .catch(() => undefined);
    const index: SearchRepository['index'] = (records) => {
      // What narrows comes first: nothing is written while something stands for others.
      expect(scopesIn(world)).not.toHaveProperty(community);
      return world.store.search.index(records);
    };
    await visitorOf(world, withSearch(world.store, { index })).visit([t1]);
    expect(scopesIn(world)).toEqual({ [t1]: 441 });
  }
});

test('a worker that read the thread while it was open, and writes when it is closed and indexed anew, changes nothing', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  await world.sendAll(t1, ada, ['one', 'two']);
  let between: (() => Promise<void>) | undefined = async () => {
    await give(world, closed, 1_000);
    await visitorOf(world).visit([t1]);
    // Somebody writes on, and the slow one has read it already.
  };
  const index: SearchRepository['index'] = async (records) => {
    const act = between;
    between = undefined;
    await act?.();
    return world.store.search.index(records);
  };
  await visitorOf(world, withSearch(world.store, { index })).visit([t1]);
  expect(scopesIn(world)).toEqual({ [t1]: 3 });
  // The same, but the other has not come yet: what was written late goes with its visit.
  const other = await memoryWorld();
  await other.thread(t1);
  await other.sendAll(t1, ada, ['one', 'two']);
  const late: SearchRepository['index'] = async (records) => {
    await give(other, closed, 1_000).catch(() => undefined);
    return other.store.search.index(records);
  };
  let isFirst = true;
  const once: SearchRepository['index'] = (records) => {
    if (!isFirst) return other.store.search.index(records);
    isFirst = false;
    return late(records);
  };
  await visitorOf(other, withSearch(other.store, { index: once })).visit([t1]);
  await visitorOf(other).visit([t1]);
  expect(scopesIn(other)).toEqual({ [t1]: 3 });
});

test('a sweep finds a thread that was closed although nobody said so, until it is indexed anew', async () => {
  const world = await indexed(20);
  const announced: string[] = [];
  const backlog = (consumer: 'search' | 'notify', heedsScopes: boolean): Backlog => ({
    ...{ consumer, heedsScopes, waiting: async () => 0 },
    announce: async (ids) => void announced.push(...ids.map((one) => `${consumer} ${one}`)),
  });
  const sweep = () => new Sweep(world.store, [backlog('search', true), backlog('notify', false)], world.clock as never).run(60_000);
  await world.store.search.setProgress('notify', [{ thread_id: t1, rev: 30 }]);
  const thread = (await world.store.threads.byId(t1))!;
  await world.store.threads.setOverrides(thread, withOverrides(thread, closed, world.clock.now()));
  await sweep();
  expect(announced).toEqual([`search ${t1}`]);
  await visitorOf(world).visit([t1]);
  await sweep();
  expect(announced).toEqual([`search ${t1}`]);
});

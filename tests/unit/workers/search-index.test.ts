import { expect, test } from '@jest/globals';
import type { SearchRepository, Store } from '../../../src/store/contracts.js';
import { SearchIndex } from '../../../src/workers/search-index.js';
import { Visitor } from '../../../src/workers/visit.js';
import { ada, id, memoryWorld, type World, withSearch } from './world.js';

const t1 = id(1);
const t2 = id(2);
const visitorOf = (world: World, store: Pick<Store, 'search' | 'threads' | 'messages'> = world.store) =>
  new Visitor(
    store,
    new SearchIndex(store),
    { now: world.clock.now.bind(world.clock), monotonic: () => 0, sleep: async () => undefined } as never,
    () => 0,
  );

test('the index follows creations, edits and deletions, and a repetition changes nothing', async () => {
  const world = await memoryWorld();
  await world.thread(t1, { title: 'Greetings', content: 'about salutations' });
  const first = await world.send(t1, ada, 'hello world');
  const second = await world.send(t1, ada, 'hello again');
  const visitor = visitorOf(world);
  expect(await visitor.visit([t1])).toEqual({ failed: [], unfinished: [] });
  expect(await world.find('hello')).toEqual(['hello again', 'hello world']);
  expect(await world.find('salutations', 'thread')).toHaveLength(1);

  await world.alter(first, { content: 'goodbye world', edited_at: 5 });
  await world.delete(second);
  await visitor.visit([t1]);
  await visitor.visit([t1]);
  expect(await world.find('hello')).toEqual([]);
  expect(await world.find('goodbye')).toEqual(['goodbye world']);
  expect((await world.store.search.progress('search', [t1])).get(t1)?.rev).toBe(4);
});

test('a thread with more changes than one page is worked off to its end', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  for (let i = 0; i < 450; i++) await world.send(t1, ada, `number ${i}`);
  await visitorOf(world).visit([t1]);
  expect((await world.store.search.progress('search', [t1])).get(t1)?.rev).toBe(450);
  expect(await world.find('number')).toHaveLength(100);
});

test('threads that have more than one page together are worked off to their ends, with few reads', async () => {
  const world = await memoryWorld();
  const threads = [id(3), id(1), id(4), id(2)];
  for (const thread of threads) await world.thread(thread);
  for (const thread of threads.slice(0, 3)) for (let i = 0; i < 200; i++) await world.send(thread, ada, `number ${i}`);
  let reads = 0;
  const messages = Object.create(world.store.messages) as Store['messages'];
  messages.changedInThreads = (some, limit) => {
    reads++;
    return world.store.messages.changedInThreads(some, limit);
  };
  await visitorOf(world, { ...world.store, messages }).visit(threads);
  const done = await world.store.search.progress('search', threads);
  expect(threads.map((thread) => done.get(thread)?.rev ?? 0)).toEqual([200, 200, 200, 0]);
  // Each page, and one that finds nothing after the last write.
  expect(reads).toBe(4);
});

test('a new title is found, the old one not, though no message changed', async () => {
  const world = await memoryWorld();
  await world.thread(t1, { title: 'Apples' });
  const visitor = visitorOf(world);
  await visitor.visit([t1]);
  await world.send(t1, ada, 'x');
  await visitor.visit([t1]);
  await world.store.threads.update(t1, { title: 'Pears', updated_at: 2 });
  await visitor.visit([t1]);
  expect(await world.find('apples', 'thread')).toEqual([]);
  expect(await world.find('pears', 'thread')).toEqual(['Pears']);
});

test('a message deleted while an older visit writes it does not stay in the index', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const message = await world.send(t1, ada, 'secret');
  const other = visitorOf(world);
  let raced = false;
  const index: SearchRepository['index'] = async (records) => {
    // Before this visit's write, another sees the deletion and is done with it.
    if (!raced && records.some((r) => r.id === message.id)) {
      raced = true;
      await world.delete(message);
      await other.visit([t1]);
    }
    return world.store.search.index(records);
  };
  await visitorOf(world, withSearch(world.store, { index })).visit([t1]);
  expect(raced).toBe(true);
  expect(await world.find('secret')).toEqual([]);
});

test('a thread deleted while it is indexed leaves nothing behind', async () => {
  const world = await memoryWorld();
  await world.thread(t1, { title: 'Gone soon' });
  await world.send(t1, ada, 'secret');
  const index: SearchRepository['index'] = async (records) => {
    await world.store.threads.update(t1, { deleted_at: 9 });
    await world.store.search.removeByThread(t1);
    return world.store.search.index(records);
  };
  await visitorOf(world, withSearch(world.store, { index })).visit([t1]);
  expect(await world.find('secret')).toEqual([]);
  expect(await world.find('gone', 'thread')).toEqual([]);
});

test('nor does one that was deleted while a visit indexed it that did not come to its end', async () => {
  const world = await memoryWorld();
  await world.thread(t1, { head_rev: 6_000 });
  await world.sendAll(t1, ada, Array<string>(6_000).fill('secret'));
  let calls = 0;
  const index: SearchRepository['index'] = async (records) => {
    if (calls++ === 1) {
      await world.store.threads.update(t1, { deleted_at: 9 });
      await world.store.search.removeByThread(t1);
    }
    return world.store.search.index(records);
  };
  const { unfinished } = await visitorOf(world, withSearch(world.store, { index })).visit([t1]);
  expect(unfinished).toEqual([t1]);
  expect(await world.find('secret')).toEqual([]);
});

test('one thread that cannot be indexed holds up no other, and is not marked as done', async () => {
  const world = await memoryWorld();
  for (const t of [t1, t2]) await world.thread(t);
  await world.send(t1, ada, 'poison');
  await world.send(t2, ada, 'fine');
  const index: SearchRepository['index'] = async (records) => {
    if (records.some((r) => r.text === 'poison')) throw new Error('no');
    return world.store.search.index(records);
  };
  const { failed } = await visitorOf(world, withSearch(world.store, { index })).visit([t1, t2]);
  expect(failed.map((f) => f.thread_id)).toEqual([t1]);
  expect(await world.find('fine')).toEqual(['fine']);
  const progress = await world.store.search.progress('search', [t1, t2]);
  expect([progress.get(t1)?.rev, progress.get(t2)?.rev]).toEqual([0, 1]);
});

test('when the store fails altogether, the visit fails as a whole', async () => {
  const world = await memoryWorld();
  const threads = [1, 2, 3, 4, 5].map(id);
  for (const t of threads) {
    await world.thread(t);
    await world.send(t, ada, 'x');
  }
  const index: SearchRepository['index'] = async () => {
    throw new Error('away');
  };
  const visitor = visitorOf(world, withSearch(world.store, { index }));
  await expect(visitor.visit(threads)).rejects.toThrow('away');
});

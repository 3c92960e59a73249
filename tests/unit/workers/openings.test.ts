import { expect, test } from '@jest/globals';
import type { NotificationRecord, Store } from '../../../src/store/contracts.js';
import { Notifier } from '../../../src/workers/notify.js';
import { Visitor } from '../../../src/workers/visit.js';
import { ada, ben, cyd, eve, id, memoryWorld, type World } from './world.js';

const t1 = id(1);
const day = 86_400_000;
const notifierOf = (world: World, store: Store = world.store) => new Notifier(store, world.actors, world.clock as never);
const visitorOf = (world: World, notifier = notifierOf(world), store: Store = world.store) =>
  new Visitor(store, notifier, world.clock as never, () => 0);
const heldBy = (world: World, member: string): Promise<NotificationRecord[]> => world.store.notifications.list(member, {}, { limit: 100 });
const begun = async (mentions: string[] = [ben]) => {
  const world = await memoryWorld();
  const now = world.clock.now();
  await world.thread(t1, { content: 'opening', mentions, created_at: now, updated_at: now });
  return world;
};
const edit = (world: World, mentions: string[]) => world.store.threads.update(t1, { mentions, updated_at: world.clock.now() });

test('an opening text rings for the members whom it mentions, once, and for nobody else', async () => {
  const world = await begun([ben, cyd, eve, ada]);
  for (let visit = 0; visit < 3; visit++) await visitorOf(world).visit([t1]);
  expect(world.told.map(({ to }) => to.key).sort()).toEqual([ben, cyd].sort());
  expect(await heldBy(world, ben)).toEqual([
    expect.objectContaining({ kind: 'mention', thread_id: t1, message_id: null, seq: 0, actor: ada, read_at: null }),
  ]);
  expect(world.told[0]).toMatchObject({ message: { type: 'notify', notification: { thread_id: t1, message_id: null, seq: 0 } } });
  expect([await heldBy(world, eve), await heldBy(world, ada)]).toEqual([[], []]);
});

test('what is edited into it rings for those alone, what is edited away goes', async () => {
  const world = await begun([ben]);
  const visitor = visitorOf(world);
  await visitor.visit([t1]);
  const [kept] = await heldBy(world, ben);
  world.told = [];
  await world.clock.advance(1);
  await edit(world, [ben, cyd]);
  await visitor.visit([t1]);
  expect(world.told.map(({ to }) => to.key)).toEqual([cyd]);
  expect(await heldBy(world, ben)).toEqual([kept]);
  await world.clock.advance(1);
  await edit(world, [cyd]);
  await visitor.visit([t1]);
  expect([await heldBy(world, ben), (await heldBy(world, cyd)).length]).toEqual([[], 1]);
  await world.clock.advance(1);
  await edit(world, []);
  await visitorOf(world).visit([t1]);
  expect(await heldBy(world, cyd)).toEqual([]);
});

test('an old thread rings nobody by being visited, and does by a new text', async () => {
  const world = await begun([ben]);
  await world.clock.advance(2 * day);
  await visitorOf(world).visit([t1]);
  expect(world.told).toEqual([]);
  await edit(world, [ben, cyd]);
  await visitorOf(world).visit([t1]);
  expect(world.told.map(({ to }) => to.key).sort()).toEqual([ben, cyd].sort());
});

test('a busy thread is looked at for its opening text once, and never written for it', async () => {
  const world = await begun([ben]);
  const calls: string[] = [];
  const notifications = new Proxy(world.store.notifications, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name);
      return typeof own === 'function'
        ? (...args: unknown[]) => {
            calls.push(String(name));
            return own.apply(target, args);
          }
        : own;
    },
  });
  const store = { ...world.store, notifications };
  const visitor = visitorOf(world, notifierOf(world, store), store);
  await visitor.visit([t1]);
  expect(calls).toEqual(['causedBy', 'insert']);
  for (let i = 0; i < 5; i++) {
    await world.send(t1, ada, 'talk');
    await visitor.visit([t1]);
  }
  expect(calls).toHaveLength(2);
  // Another process looks once, and has nothing to write.
  const other = visitorOf(world, notifierOf(world, store), store);
  for (let i = 0; i < 3; i++) await other.visit([t1]);
  expect(calls.slice(2)).toEqual(['causedBy']);
});

const meanwhiles: [what: string, act: (world: World) => Promise<unknown>][] = [
  ['edited', (world) => edit(world, [])],
  ['deleted', (world) => world.store.threads.update(t1, { deleted_at: 5 })],
];

test.each(meanwhiles)('no ghost of an opening text that is %s while a slower worker is about to notify of it', async (_, act) => {
  const world = await begun([ben]);
  await world.clock.advance(1);
  const notifications = new Proxy(world.store.notifications, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name);
      if (typeof own !== 'function') return own;
      return async (...args: unknown[]) => {
        if (name === 'insert') {
          await act(world);
          await visitorOf(world).visit([t1]);
        }
        return own.apply(target, args);
      };
    },
  });
  const store = { ...world.store, notifications };
  await visitorOf(world, notifierOf(world, store), store).visit([t1]);
  expect(await heldBy(world, ben)).toEqual([]);
  expect(world.told).toEqual([]);
});

import { expect, test } from '@jest/globals';
import { Notifier } from '../../../src/workers/notify.js';
import { Visitor } from '../../../src/workers/visit.js';
import { ada, ben, cyd, eve, id, memoryWorld, type World, withSearch } from './world.js';

const t1 = id(1);
const visitorOf = (world: World) =>
  new Visitor(world.store, new Notifier(world.store, world.actors, world.clock as never), world.clock as never, () => 0);
const kindsOf = async (world: World, member: string) =>
  (await world.store.notifications.list(member, {}, { limit: 50 })).map((n) => n.kind);
const toldTo = (world: World) => world.told.map(({ to }) => to.key).sort();

test('mentions and replies reach members, not strangers and not oneself', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const first = await world.send(t1, ada, 'hello @ben @eve @ada', { mentions: [ben, eve, ada] });
  await world.send(t1, cyd, 'answer', { reply_to: first.id });
  await world.send(t1, ada, 'to myself', { reply_to: first.id });
  await visitorOf(world).visit([t1]);
  expect(toldTo(world)).toEqual([ada, ben].sort());
  expect(await kindsOf(world, ada)).toEqual(['reply']);
  expect(await kindsOf(world, ben)).toEqual(['mention']);
  expect(await kindsOf(world, eve)).toEqual([]);
  expect(world.told[0]).toMatchObject({
    to: { kind: 'user' },
    message: { type: 'notify', notification: { thread_id: t1, read_at: null } },
  });
});

test('an answer that mentions the answered one is one notification', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const first = await world.send(t1, ada, 'hello');
  await world.send(t1, ben, '@ada yes', { reply_to: first.id, mentions: [ada] });
  await visitorOf(world).visit([t1]);
  expect(await kindsOf(world, ada)).toEqual(['mention']);
});

test('each once, although the work is done twice', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  await world.send(t1, ada, '@ben', { mentions: [ben] });
  const forgetful = withSearch(world.store, { setProgress: async () => undefined });
  const visitor = new Visitor(forgetful, new Notifier(world.store, world.actors, world.clock as never), world.clock as never, () => 0);
  await visitor.visit([t1]);
  await visitor.visit([t1]);
  expect(toldTo(world)).toEqual([ben]);
  expect(await kindsOf(world, ben)).toEqual(['mention']);
});

test('an edit that adds a mention notifies the added one alone', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const message = await world.send(t1, ada, '@ben', { mentions: [ben] });
  const visitor = visitorOf(world);
  await visitor.visit([t1]);
  await world.alter(message, { content: '@ben @cyd', mentions: [ben, cyd], edited_at: world.clock.now() });
  await visitor.visit([t1]);
  expect(toldTo(world)).toEqual([ben, cyd].sort());
});

test('old messages and deleted ones ring no bells, and are passed over for good', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const day = 86_400_000;
  await world.send(t1, ada, '@ben', { mentions: [ben], created_at: world.clock.now() - day - 1 });
  await world.delete(await world.send(t1, ada, '@ben', { mentions: [ben] }));
  await visitorOf(world).visit([t1]);
  expect(world.told).toEqual([]);
  expect((await world.store.search.progress('notify', [t1])).get(t1)?.rev).toBe(3);
});

test('whoever left hears nothing', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const membership = (await world.store.memberships.listByMember(ben))[0]!;
  await world.store.memberships.put({ ...membership, state: 'left', version: membership.version + 1 });
  await world.send(t1, ada, '@ben', { mentions: [ben] });
  await visitorOf(world).visit([t1]);
  expect(world.told).toEqual([]);
});

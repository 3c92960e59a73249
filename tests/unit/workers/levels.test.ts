import { expect, test } from '@jest/globals';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import type { NotificationLevel } from '../../../src/protocol/notification-levels.js';
import { Notifier } from '../../../src/workers/notify.js';
import { Visitor } from '../../../src/workers/visit.js';
import { ada, ben, community, cyd, id, memoryWorld, type World } from './world.js';

const [t1, t2] = [id(1), id(2)] as const;
const visit = (world: World, ...threads: string[]) =>
  new Visitor(world.store, new Notifier(world.store, world.actors, world.clock as never), world.clock as never, () => 0).visit(threads);
const heard = async (world: World, member: string) =>
  (await world.store.notifications.list(member, {}, { limit: 50 })).map(({ thread_id, kind }) => [thread_id, kind]);
const toldTo = (world: World) => world.told.map(({ to }) => to.key).sort();

let rev = 0;
const says = (world: World, member: string, place: string, value: NotificationLevel | undefined): Promise<void> => {
  rev++;
  const item = { ledger: memberLedger(member), kind: 'notification_level', key: place, rev, ...(value && { value }) };
  return world.store.ledgers.project(item.ledger, rev, [item]);
};
const none: NotificationLevel = { level: 'none', muted_until: null };
const mentions: NotificationLevel = { level: 'mentions', muted_until: null };

test('whoever wants to hear nothing of a thread, or of its community, is told nothing, and others are', async () => {
  const world = await memoryWorld();
  for (const thread of [t1, t2]) await world.thread(thread);
  await says(world, ben, `thread:${t1}`, none);
  await says(world, cyd, `community:${community}`, none);
  await says(world, cyd, `thread:${t2}`, mentions);
  for (const thread of [t1, t2]) await world.send(thread, ada, '@ben @cyd', { mentions: [ben, cyd] });
  await visit(world, t1, t2);
  expect([await heard(world, ben), await heard(world, cyd)]).toEqual([[[t2, 'mention']], [[t2, 'mention']]]);
  expect(toldTo(world)).toEqual([ben, cyd]);
});

test('an answer to a muted one is not told until the mute is over; what came meanwhile is not made up for', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const first = await world.send(t1, ben, 'hello');
  const now = world.clock.now();
  await says(world, ben, `thread:${t1}`, { level: 'all', muted_until: new Date(now + 1_000).toISOString() });
  await world.send(t1, ada, 'an answer', { reply_to: first.id });
  await visit(world, t1);
  expect(toldTo(world)).toEqual([]);
  await world.clock.advance(1_000);
  await visit(world, t1);
  expect(toldTo(world)).toEqual([]);
  await world.send(t1, ada, 'another', { reply_to: first.id });
  await visit(world, t1);
  expect(await heard(world, ben)).toEqual([[t1, 'reply']]);
});

test('an opening text tells nobody who wants to hear nothing of the community', async () => {
  const world = await memoryWorld();
  await says(world, ben, `community:${community}`, none);
  await world.thread(t1, { content: '@ben @cyd', mentions: [ben, cyd], created_at: world.clock.now(), updated_at: world.clock.now() });
  await visit(world, t1);
  expect(toldTo(world)).toEqual([cyd]);
});

test('a level that is said later leaves what was told, and one that was taken back is none', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const message = await world.send(t1, ada, '@ben', { mentions: [ben] });
  await visit(world, t1);
  await says(world, ben, `thread:${t1}`, none);
  await world.alter(message, { content: '@ben!', edited_at: world.clock.now() });
  await visit(world, t1);
  expect(await heard(world, ben)).toEqual([[t1, 'mention']]);
  await says(world, ben, `thread:${t1}`, undefined);
  await world.send(t1, ada, '@ben', { mentions: [ben] });
  await visit(world, t1);
  expect(toldTo(world)).toEqual([ben, ben]);
});

test('a level of another release says nothing', async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  await says(world, ben, `thread:${t1}`, { level: 'whispers', muted_until: null } as never);
  await world.send(t1, ada, '@ben', { mentions: [ben] });
  await visit(world, t1);
  expect(toldTo(world)).toEqual([ben]);
});

test('levels are read once for all who are concerned, and not at all for nobody', async () => {
  const world = await memoryWorld();
  const asked: number[] = [];
  const { ledgers } = world.store;
  const named = ledgers.named.bind(ledgers);
  ledgers.named = (names) => {
    asked.push(names.length);
    return named(names);
  };
  for (const thread of [t1, t2]) await world.thread(thread);
  await world.send(t1, ada, 'to nobody');
  await visit(world, t1);
  expect(asked).toEqual([]);
  for (const thread of [t1, t2]) for (let i = 0; i < 3; i++) await world.send(thread, ada, '@ben @cyd', { mentions: [ben, cyd] });
  await visit(world, t1, t2);
  // Of each of both members two threads and a community.
  expect(asked).toEqual([6]);
});

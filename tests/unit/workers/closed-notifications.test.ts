import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { Fault } from '../../../src/kernel/errors.js';
import { withOverrides } from '../../../src/store/closing.js';
import type { NotificationRepository, Store } from '../../../src/store/contracts.js';
import { Notifier } from '../../../src/workers/notify.js';
import { Purge } from '../../../src/workers/purge.js';
import { Visitor } from '../../../src/workers/visit.js';
import { aCommunity } from '../../conformance/store/records.js';
import { ada, ben, community, cyd, eve, id, memoryWorld, threadOf, type World } from './world.js';

const [t1, t2] = [id(1), id(2)] as const;
const moderators = starterRoleOf(community);
const visitorOf = (world: World, store: Store = world.store) =>
  new Visitor(store, new Notifier(store, world.actors, world.clock as never), world.clock as never, () => 0);
const purgeOf = (world: World) => new Purge(world.store, pino({ level: 'silent' }), world.actors);
const threadsOf = async (world: World, member: string) =>
  (await world.store.notifications.list(member, {}, { limit: 50 })).map(({ thread_id }) => thread_id);
const toldTo = (world: World) => world.told.map(({ to }) => to.key).sort();
const closedTo = (...allowed: OverrideRecord['subject'][]): OverrideRecord[] => [
  { subject: `role:${community}`, allow: [], deny: ['view'] },
  ...allowed.map((subject) => ({ subject, allow: ['view' as const], deny: [] })),
];
const give = async (world: World, thread: string, overrides: OverrideRecord[]): Promise<void> => {
  const record = (await world.store.threads.byId(thread))!;
  await world.store.threads.setOverrides(record, withOverrides(record, overrides, 1));
};
const setRoles = async (world: World, member: string, roles: string[]): Promise<void> => {
  const membership = (await world.store.memberships.get(community, member))!;
  await world.store.memberships.put({ ...membership, roles, version: membership.version + 1 });
};
/** Ada's community: ben moderates, cyd is a member; eve is nobody there, whatever an override says. */
const founded = async (): Promise<World> => {
  const world = await memoryWorld();
  await world.store.communities.insert(aCommunity({ id: community, owner_id: ada }));
  await setRoles(world, ben, [moderators]);
  return world;
};
const everybody = [ada, ben, cyd, eve];

test('in a closed thread those are told who may view it, by their roles, by name, or because they stand above', async () => {
  for (const [overrides, expected] of [
    [closedTo(`member:${cyd}`, `member:${eve}`), [ada, cyd]],
    [closedTo(`role:${moderators}`), [ada, ben]],
    [[{ subject: `member:${ben}`, allow: [], deny: ['view'] }], [ada, cyd]],
    [[], [ada, ben, cyd]],
  ] satisfies [OverrideRecord[], string[]][]) {
    const world = await founded();
    await world.store.threads.insert(
      threadOf(t1, { content: '@all', created_by: id(0xa9), created_at: world.clock.now(), overrides, mentions: everybody }),
    );
    await world.send(t1, id(0xa9), '@all', { mentions: everybody });
    await visitorOf(world).visit([t1]);
    expect(toldTo(world)).toEqual([...expected, ...expected].sort());
    for (const member of everybody) expect(await threadsOf(world, member)).toHaveLength(expected.includes(member) ? 2 : 0);
  }
});

test('one who loses view while they are told is not told, and has nothing of it', async () => {
  const world = await founded();
  await world.thread(t1);
  await world.send(t1, ada, '@ben @cyd', { mentions: [ben, cyd] });
  const insert: NotificationRepository['insert'] = async (some) => {
    await give(world, t1, closedTo(`member:${cyd}`));
    return world.store.notifications.insert(some);
  };
  const notifications = new Proxy(world.store.notifications, {
    get: (target, name) => {
      const own: unknown = name === 'insert' ? insert : Reflect.get(target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
  await visitorOf(world, { ...world.store, notifications }).visit([t1]);
  expect(toldTo(world)).toEqual([cyd]);
  expect([await threadsOf(world, ben), await threadsOf(world, cyd)]).toEqual([[], [t1]]);
});

/** Ben and cyd have been told of something in each of two threads. */
const rung = async (): Promise<World> => {
  const world = await founded();
  for (const thread of [t1, t2]) {
    await world.thread(thread);
    await world.send(thread, ada, '@ben @cyd', { mentions: [ben, cyd] });
  }
  await visitorOf(world).visit([t1, t2]);
  return world;
};

test('when a thread is closed, the notifications of those go who may not view it any more, and no others', async () => {
  const world = await rung();
  await give(world, t1, closedTo(`member:${cyd}`));
  await purgeOf(world).run({ thread_id: t1 });
  expect(await threadsOf(world, ben)).toEqual([t2]);
  expect((await threadsOf(world, cyd)).sort()).toEqual([t1, t2]);
  expect(await world.store.messages.head(t1)).toEqual({ seq: 1, rev: 1 });
});

test('who loses the role by which they viewed a thread loses what has rung there, and keeps the rest', async () => {
  const world = await rung();
  await give(world, t1, closedTo(`role:${moderators}`, `member:${cyd}`));
  await purgeOf(world).run({ community_id: community, member_id: ben });
  expect((await threadsOf(world, ben)).sort()).toEqual([t1, t2]);
  await setRoles(world, ben, []);
  await purgeOf(world).run({ community_id: community, member_id: ben });
  expect([await threadsOf(world, ben), (await threadsOf(world, cyd)).length]).toEqual([[t2], 2]);
});

test('what nobody announced is found by the daily look', async () => {
  const world = await rung();
  await give(world, t2, closedTo());
  await purgeOf(world).notifications();
  for (const member of [ben, cyd]) expect(await threadsOf(world, member)).toEqual([t1]);
});

test('two answers of the store that fail one after the other leave no rejection that nobody has taken', async () => {
  const world = await founded();
  const overrides = closedTo(`member:${cyd}`);
  await world.store.threads.insert(threadOf(t1, { created_at: world.clock.now(), overrides }));
  await world.send(t1, ada, '@cyd', { mentions: [cyd] });
  const fail = (): Promise<never> => Promise.reject(new Fault('unavailable'));
  let late: (error: Error) => void = () => undefined;
  const community = new Promise<never>((_, reject) => {
    late = reject;
  });
  const store = {
    ...world.store,
    memberships: Object.assign(Object.create(world.store.memberships), { get: fail }),
    communities: Object.assign(Object.create(world.store.communities), { byId: () => community }),
  } as Store;
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const visited = visitorOf(world, store).visit([t1]);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    late(new Fault('unavailable'));
    await visited.catch(() => undefined);
  } finally {
    process.off('unhandledRejection', note);
  }
  expect(unhandled).toEqual([]);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { fallen } from '../../../src/actors/domain/concern.js';
import type { MessageRecord, NotificationRecord, Store } from '../../../src/store/contracts.js';
import { Notifier } from '../../../src/workers/notify.js';
import { Purge } from '../../../src/workers/purge.js';
import { Visitor } from '../../../src/workers/visit.js';
import { ada, ben, community, cyd, id, memoryWorld, type World } from './world.js';

const t1 = id(1);
const visitorOf = (world: World, store: Store = world.store) =>
  new Visitor(store, new Notifier(store, world.actors, world.clock as never), world.clock as never, () => 0);
const purgeOf = (world: World) => new Purge(world.store, pino({ level: 'silent' }), world.actors);
const heldBy = (world: World, member: string): Promise<NotificationRecord[]> => world.store.notifications.list(member, {}, { limit: 100 });
const kindsOf = async (world: World, member: string) => (await heldBy(world, member)).map((n) => n.kind);
const part = async (world: World, member: string, state: 'left' | 'banned' | 'closed' = 'left'): Promise<void> => {
  const membership = (await world.store.memberships.get(community, member))!;
  await world.store.memberships.put({ ...membership, state, version: membership.version + 1 });
};
/** Ada has mentioned Ben and answered Cyd, and both have heard of it. */
const rung = async () => {
  const world = await memoryWorld();
  await world.thread(t1);
  const original = await world.send(t1, cyd, 'a question');
  const message = await world.send(t1, ada, '@ben', { mentions: [ben], reply_to: original.id });
  await visitorOf(world).visit([t1]);
  expect([await kindsOf(world, ben), await kindsOf(world, cyd)]).toEqual([['mention'], ['reply']]);
  return { world, original, message };
};

test('a message that was deleted notifies nobody any more', async () => {
  const { world, message } = await rung();
  await world.delete(message);
  await visitorOf(world).visit([t1]);
  expect([await kindsOf(world, ben), await kindsOf(world, cyd)]).toEqual([[], []]);
});

test('a mention that was edited away goes, the others stay, and one that comes back rings again', async () => {
  const { world, message } = await rung();
  const edit = async (from: MessageRecord, mentions: string[]): Promise<MessageRecord> => {
    const edited = await world.alter(from, { content: `for ${mentions}`, mentions, edited_at: world.clock.now() });
    await visitorOf(world).visit([t1]);
    return edited;
  };
  const without = await edit(message, []);
  expect([await kindsOf(world, ben), await kindsOf(world, cyd)]).toEqual([[], ['reply']]);
  world.told = [];
  const both = await edit(without, [ben, cyd]);
  expect([await kindsOf(world, ben), await kindsOf(world, cyd)]).toEqual([['mention'], ['mention']]);
  expect(world.told.map(({ to }) => to.key).sort()).toEqual([ben, cyd].sort());
  const [kept] = await heldBy(world, ben);
  await edit(both, [ben]);
  expect(await heldBy(world, ben)).toEqual([kept]);
  expect(await kindsOf(world, cyd)).toEqual(['reply']);
});

test('an answer stays although what it answers was deleted', async () => {
  const { world, original } = await rung();
  await world.delete(original);
  await visitorOf(world).visit([t1]);
  expect(await kindsOf(world, cyd)).toEqual(['reply']);
});

test('old messages ring nobody, and lose what they rang for once', async () => {
  const { world, message } = await rung();
  await world.clock.advance(2 * 86_400_000);
  world.told = [];
  const edited = await world.alter(message, { content: '@cyd', mentions: [cyd], edited_at: world.clock.now() });
  await visitorOf(world).visit([t1]);
  expect(world.told).toEqual([]);
  expect([await kindsOf(world, ben), await kindsOf(world, cyd)]).toEqual([[], []]);
  await world.delete(edited);
  await visitorOf(world).visit([t1]);
  expect(world.told).toEqual([]);
});

test('a reaction looks for no notification, unless the message was edited before', async () => {
  const { world, message } = await rung();
  const asked: string[][] = [];
  const { notifications } = world.store;
  const spied = { ...world.store, notifications: counting(notifications, (causes) => asked.push([...causes])) };
  await world.alter(message, { reactions: [{ emoji: '👍', members: [ben] }] });
  await visitorOf(world, spied).visit([t1]);
  expect(asked.flat()).toEqual([]);
  expect(await kindsOf(world, ben)).toEqual(['mention']);
});

const counting = (real: Store['notifications'], saw: (causes: readonly string[]) => void): Store['notifications'] =>
  before(real, 'causedBy', async (causes) => saw(causes as string[]));

/** The same object, in which something is done before each call of one method. */
function before<T extends object>(real: T, method: keyof T, act: (argument: unknown) => Promise<unknown>): T {
  return new Proxy(real, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name);
      if (typeof own !== 'function') return own;
      if (name !== method) return own.bind(target);
      return async (...args: unknown[]) => {
        await act(args[0]);
        return own.apply(target, args);
      };
    },
  });
}

const deleteThread = async (world: World): Promise<void> => {
  await world.store.threads.update(t1, { deleted_at: 5 });
  await purgeOf(world).run({ thread_id: t1 });
};
const leave = async (world: World): Promise<void> => {
  await part(world, ben);
  await purgeOf(world).run({ community_id: community, member_id: ben });
};
const meanwhiles: [what: string, act: (world: World, message: MessageRecord) => Promise<unknown>][] = [
  ['is deleted', (world, message) => world.delete(message)],
  ['is edited', (world, message) => world.alter(message, { content: 'nobody', mentions: [], edited_at: 9 })],
  ['loses its thread', deleteThread],
  ['loses its reader, who leaves', leave],
];

test.each(meanwhiles)('no ghost of a message that %s while a slower worker is about to notify of it', async (_, act) => {
  const world = await memoryWorld();
  await world.thread(t1);
  const message = await world.send(t1, ada, '@ben', { mentions: [ben] });
  let isDone = false;
  const notifications = before(world.store.notifications, 'insert', async () => {
    if (isDone) return;
    isDone = true;
    await act(world, message);
    await visitorOf(world).visit([t1]);
  });
  await visitorOf(world, { ...world.store, notifications }).visit([t1]);
  expect(isDone).toBe(true);
  expect(await heldBy(world, ben)).toEqual([]);
  expect(world.told).toEqual([]);
});

test('a mention that is back while a slower worker takes it away is there in the end', async () => {
  const { world, message } = await rung();
  const without = await world.alter(message, { content: 'nobody', mentions: [], edited_at: 9 });
  let isDone = false;
  const notifications = before(world.store.notifications, 'remove', async () => {
    if (isDone) return;
    isDone = true;
    await world.alter(without, { content: '@ben again', mentions: [ben], edited_at: 10 });
    await visitorOf(world).visit([t1]);
  });
  await visitorOf(world, { ...world.store, notifications }).visit([t1]);
  expect(isDone).toBe(true);
  expect(await kindsOf(world, ben)).toEqual(['mention']);
});

test('whatever order the steps of several workers come in, what stands at the end follows from the messages', async () => {
  const states = fc.array(fc.subarray([ben, cyd]), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), states, fc.boolean(), async (scheduler, mentions, isDeleted) => {
      const world = await memoryWorld();
      await world.thread(t1);
      let message = await world.send(t1, ada, 'first', { mentions: [ben] });
      const slow = slowed(world.store, () => scheduler.schedule(Promise.resolve()));
      const visits = [visitorOf(world, slow).visit([t1])];
      const change = async (patch: Partial<MessageRecord>): Promise<void> => {
        await scheduler.schedule(Promise.resolve());
        message = await world.alter(message, patch);
        visits.push(visitorOf(world, slow).visit([t1]));
      };
      const changes = async (): Promise<void> => {
        for (const [at, to] of mentions.entries()) await change({ content: `edit ${at}`, mentions: to, edited_at: at + 1 });
        if (isDeleted) await change({ content: '', mentions: [], deleted_at: 99 });
      };
      const changed = changes();
      await scheduler.waitFor(changed.then(() => Promise.all(visits)));
      const held = [...(await heldBy(world, ben)), ...(await heldBy(world, cyd))];
      expect(held.map((n) => n.member_id)).toEqual([ben, cyd].filter((member) => message.mentions.includes(member)));
      expect(await fallen(world.store, held)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

/** The same store, in which each call waits for its turn. */
const slowed = (store: Store, turn: () => Promise<unknown>): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, repository]) => [
      name,
      typeof repository !== 'object'
        ? repository
        : new Proxy(repository as object, {
            get: (target, method) => {
              const own: unknown = Reflect.get(target, method);
              if (typeof own !== 'function') return own;
              return async (...args: unknown[]) => {
                await turn();
                return own.apply(target, args);
              };
            },
          }),
    ]),
  ) as unknown as Store;

test('a thread that was deleted takes its notifications with it', async () => {
  const { world } = await rung();
  await purgeOf(world).run({ thread_id: t1 });
  expect(await kindsOf(world, ben)).toEqual(['mention']);
  await deleteThread(world);
  expect([await kindsOf(world, ben), await kindsOf(world, cyd)]).toEqual([[], []]);
});

test.each(['left', 'banned', 'closed'] as const)('whoever has %s loses those of the community, others keep theirs', async (state) => {
  const { world } = await rung();
  const clear = () => purgeOf(world).run({ community_id: community, member_id: ben });
  await clear();
  expect(await kindsOf(world, ben)).toEqual(['mention']);
  await part(world, ben, state);
  await clear();
  expect([await kindsOf(world, ben), await kindsOf(world, cyd)]).toEqual([[], ['reply']]);
});

test('what nobody announced is found by looking through all, and what stands is left alone', async () => {
  const world = await memoryWorld();
  for (const n of [1, 2, 3]) await world.thread(id(n));
  const sent: MessageRecord[] = [];
  for (let i = 0; i < 600; i++) sent.push(await world.send(id(1 + (i % 2)), ada, '@ben', { mentions: [ben] }));
  await world.send(id(3), ada, '@ben @cyd', { mentions: [ben, cyd] });
  for (const n of [1, 2, 3]) await visitorOf(world).visit([id(n)]);
  for (const message of sent.filter((_, at) => at % 4 === 1)) await world.delete(message);
  await world.store.threads.update(t1, { deleted_at: 5 });
  await part(world, cyd);
  await purgeOf(world).notifications();
  const left = await world.store.notifications.behind(undefined, 1_000);
  expect(left).toHaveLength(151);
  expect(left.every(({ member_id, thread_id }) => member_id === ben && thread_id !== t1)).toBe(true);
});

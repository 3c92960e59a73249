import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Address, Message } from '../../../src/actors/runtime/actor.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { projectionOf } from '../../../src/store/community-items.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { UntoldSweep } from '../../../src/workers/untold.js';
import { aCommunity, aMembership, aNotification, aSession, aThread } from '../../conformance/store/records.js';

const worldOf = () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  const told: string[] = [];
  const tell = (to: Address, message: Message): void => {
    told.push([to.kind, to.key, message.type, ...('kind' in message ? [message.kind] : [])].join(' '));
  };
  const sweep = new UntoldSweep(store, { tell }, clock, pino({ level: 'silent' }));
  const run = async (ms = 60_000): Promise<string[]> => {
    told.length = 0;
    const done = sweep.run(ms);
    let isOver = false;
    void done.then(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(100);
    return told;
  };
  return { clock, store, run };
};

test('whose records are untold for some seconds is told, once for each kind, until they are told', async () => {
  const { clock, store, run } = worldOf();
  const member_id = newId(1);
  await store.memberships.put(aMembership({ member_id }));
  await store.memberships.put(aMembership({ member_id }));
  await store.notifications.insert([aNotification({ member_id })]);
  await store.sessions.insert(aSession({ member_id, expires_at: clock.now() + 1e9 }));
  await store.reads.raise([{ thread_id: newId(2), member_id, seq: 1, at: 1 }]);
  expect(await run()).toEqual([]);
  await clock.advance(10_000);
  expect(await run()).toEqual(['membership', 'notification', 'session', 'read'].map((kind) => `user ${member_id} has_untold ${kind}`));
  for (const records of [store.memberships, store.sessions, store.reads]) {
    const some = await records.untold(member_id, 10);
    await records.told(member_id, some as never);
  }
  expect(await run()).toEqual([`user ${member_id} has_untold notification`]);
});

test('whose threads are untold is told as a community, whether or not it is there', async () => {
  const { clock, store, run } = worldOf();
  const [one, other] = [newId(1), newId(2)];
  await store.threads.putMissing([aThread({ community_id: one }), aThread({ community_id: one }), aThread({ community_id: other })]);
  expect(await run()).toEqual([]);
  await clock.advance(10_000);
  expect(await run()).toEqual([one, other].map((id) => `community ${id} copy_threads`));
  await store.threads.told(one, await store.threads.untold(one, 10));
  expect(await run()).toEqual([`community ${other} copy_threads`]);
});

test('many are told in parts: each run goes on behind those whom the one before has told, whether or not they heard', async () => {
  const { clock, store, run } = worldOf();
  const members = Array.from({ length: 1_000 }, () => newId(clock.now()));
  await store.memberships.putMissing(members.map((member_id) => aMembership({ member_id })));
  await clock.advance(10_000);
  const first = [...(await run(900))];
  expect(first.length).toBeGreaterThan(100);
  expect(first.length).toBeLessThan(members.length);
  const second = [...(await run(60_000))];
  expect(new Set([...first, ...second]).size).toBe(members.length);
  expect(second.some((one) => first.includes(one))).toBe(false);
  // And from the beginning again.
  expect(await run(60_000)).toHaveLength(members.length);
});

test('a deleted community loses its memberships, whatever became of who was to clear it away; of another owner its actor hears', async () => {
  const { clock, store, run } = worldOf();
  const [gone, given] = [aCommunity(), aCommunity()];
  for (const one of [gone, given]) await store.communities.insert(one);
  const membership = aMembership({ community_id: gone.id });
  await store.memberships.put(membership);
  const { member_id } = membership;
  await store.memberships.told(member_id, await store.memberships.untold(member_id, 1));
  await store.communities.update(gone.id, { deleted_at: 5 });
  const owed = { owner_before: given.owner_id };
  await store.communities.apply(given.id, 2, projectionOf({ ...given, owner_id: newId(3) }), owed);
  await clock.advance(10_000);
  expect(await run()).toEqual([`community ${given.id} tell_owners`]);
  await clock.advance(10_000);
  expect(await run()).toEqual([`community ${given.id} tell_owners`, `user ${member_id} has_untold membership`]);
  expect((await store.communities.byId(gone.id))!.untold).toBeUndefined();
});

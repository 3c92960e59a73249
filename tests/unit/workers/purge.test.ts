import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { Purge } from '../../../src/workers/purge.js';
import { aCommunity } from '../../conformance/store/records.js';
import { ada, ben, community, cyd, id, memoryWorld, type World } from './world.js';

const t1 = id(1);
const t2 = id(2);
const purgeOf = (world: World) => new Purge(world.store, pino({ level: 'silent' }), world.actors);
const document = (thread: string, n: number) => ({
  id: id(1000 + n),
  scope: community,
  kind: 'message' as const,
  community_id: community,
  thread_id: thread,
  author: ada,
  created_at: 1,
  seq: n,
  rev: n,
  text: 'words',
});

const filled = async () => {
  const world = await memoryWorld();
  for (const t of [t1, t2]) {
    await world.thread(t);
    for (let i = 0; i < 3; i++) await world.send(t, ada, 'words');
  }
  await world.store.search.index([document(t1, 1), document(t2, 2)]);
  return world;
};

test('a deleted thread loses its messages and documents, and its numbers stay used', async () => {
  const world = await filled();
  await world.store.threads.update(t1, { deleted_at: 5 });
  await purgeOf(world).run({ thread_id: t1 });
  await purgeOf(world).run({ thread_id: t1 });
  expect(await world.store.messages.head(t1)).toEqual({ seq: 0, rev: 0 });
  expect(await world.store.threads.byId(t1)).toMatchObject({ floor_seq: 3, floor_rev: 3 });
  expect(world.indexed()).toEqual([document(t2, 2).id]);
  expect(await world.store.messages.head(t2)).toEqual({ seq: 3, rev: 3 });
});

test('what is not marked deleted is not touched, whoever asks', async () => {
  const world = await filled();
  await purgeOf(world).run({ thread_id: t1 });
  await purgeOf(world).run({ community_id: community });
  await purgeOf(world).everything();
  expect(await world.store.messages.head(t1)).toEqual({ seq: 3, rev: 3 });
  expect(world.indexed()).toHaveLength(2);
});

test('a deleted community loses all its threads and memberships', async () => {
  const world = await filled();
  await world.store.communities.insert({
    id: community,
    kind: 'community',
    name: 'C',
    description: null,
    created_by: ada,
    owner_id: ada,
    ledger_rev: 1,
    handed_over_by: null,
    created_at: 1,
    updated_at: 1,
    member_count: 3,
    is_public: true,
    tags: [],
    avatar_url: null,
    deleted_at: 7,
  });
  expect(await world.store.memberships.listByMember(ada)).toHaveLength(1);
  await purgeOf(world).run({ community_id: community });
  expect(await world.store.memberships.listByMember(ada)).toEqual([]);
  for (const t of [t1, t2]) {
    expect(await world.store.messages.head(t)).toEqual({ seq: 0, rev: 0 });
    expect((await world.store.threads.byId(t))?.deleted_at).toBe(7);
  }
  expect(world.indexed()).toEqual([]);
});

test('a deletion that nobody announced is found', async () => {
  const world = await filled();
  await world.store.threads.update(t2, { deleted_at: 5 });
  await purgeOf(world).everything();
  expect(await world.store.messages.head(t2)).toEqual({ seq: 0, rev: 0 });
  expect(await world.store.messages.head(t1)).toEqual({ seq: 3, rev: 3 });
});

test('how far people have read goes with the thread, and is left out where they may not view it any more', async () => {
  const world = await filled();
  const { reads, ledgers } = world.store;
  await reads.raise([ada, ben].flatMap((member_id) => [t1, t2].map((thread_id) => ({ thread_id, member_id, seq: 2, at: 1 }))));
  const told = async (id: string): Promise<void> => reads.told(id, await reads.untold(id, 9));
  for (const id of [ada, ben]) {
    await told(id);
    const items = [t1, t2].map((key) => ({
      ledger: memberLedger(id),
      kind: 'read',
      key,
      rev: 1,
      value: { community_id: community, last_read_seq: 2 },
    }));
    await ledgers.project(memberLedger(id), 1, items);
  }
  await world.store.threads.update(t1, { deleted_at: 5 });
  await purgeOf(world).run({ thread_id: t1 });
  for (const id of [ada, ben]) {
    expect(await reads.untold(id, 9)).toMatchObject([{ key: t1, record: null }]);
    await told(id);
  }
  const overrides = [
    { subject: `role:${community}`, allow: [], deny: ['view'] },
    { subject: `member:${ada}`, allow: ['view'], deny: [] },
  ];
  await world.store.threads.update(t2, { overrides } as never);
  await world.store.communities.insert({ ...aCommunity(), id: community, owner_id: cyd });
  world.hinted.length = 0;
  await purgeOf(world).run({ thread_id: t2 });
  expect([await reads.untold(ada, 9), await reads.untold(ben, 9), world.hinted]).toMatchObject([
    [],
    [{ key: t2, record: { seq: 2 } }],
    [ben],
  ]);
  const membership = (await world.store.memberships.get(community, ada))!;
  await world.store.memberships.put({ ...membership, state: 'banned', version: 2 });
  await purgeOf(world).run({ community_id: community, member_id: ada });
  expect(await reads.untold(ada, 9)).toMatchObject([{ key: t2, record: { seq: 2 } }]);
});

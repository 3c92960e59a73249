import { beforeEach, expect, test } from '@jest/globals';
import { communityIdOf, memberIdOf, threadIdOf } from '../../../scripts/import/identity.js';
import { communityLedger, firstCommits } from '../../../src/store/community-items.js';
import type { MemberRecord } from '../../../src/store/contracts.js';
import { ImportWorld, line } from './world.js';

let world: ImportWorld;
beforeEach(() => {
  world = new ImportWorld();
});

test('makes members, communities, threads and memberships, and sends the messages in order', async () => {
  const summary = await world.importing([
    line({ content: 'first', author: 'Ada' }),
    line({ content: 'second', author: 'Ben Büchi', at: '2020-01-02T00:00:00.000Z' }),
    line({ content: 'elsewhere', thread: 'U', author: 'Ben Büchi' }),
  ]);
  expect(summary).toEqual({
    stored: 3,
    known: 0,
    rejected: 0,
    made: { members: 2, communities: 1, threads: 2 },
    owners: { given: 0, kept: 0 },
    lastLine: 3,
    complete: true,
  });
  const lean = communityIdOf('Lean');
  expect(await world.store.communities.byId(lean)).toMatchObject({
    name: 'Lean',
    is_public: true,
    created_by: memberIdOf('Ada'),
    created_at: Date.UTC(2020, 0, 1),
  });
  expect(await world.store.threads.byId(threadIdOf('Lean', 'U'))).toMatchObject({
    title: 'U',
    community_id: lean,
    created_by: memberIdOf('Ben Büchi'),
  });
  expect(await world.store.members.byId(memberIdOf('Ada'))).toMatchObject({
    username: 'Ada',
    full_name: 'Ada',
    password_hash: null,
    is_active: true,
    reopen_until: null,
    signed_out: null,
  });
  expect(await world.store.members.byId(memberIdOf('Ben Büchi'))).toMatchObject({
    username: expect.stringMatching(/^Ben_Buchi-[0-9a-f]{8}$/),
    full_name: 'Ben Büchi',
  });
  expect(await world.store.communities.byId(lean)).toMatchObject({ owner_id: memberIdOf('Ada') });
  for (const name of ['Ada', 'Ben Büchi'])
    expect(await world.store.memberships.get(lean, memberIdOf(name))).toMatchObject({ roles: [], state: 'active' });
  expect(world.sent.get(threadIdOf('Lean', 'T'))?.map((item) => [item.content, item.author, item.at])).toEqual([
    ['first', memberIdOf('Ada'), Date.UTC(2020, 0, 1)],
    ['second', memberIdOf('Ben Büchi'), Date.UTC(2020, 0, 2)],
  ]);
  expect(world.recounted).toEqual([lean]);
});

test('again: nothing twice; equal lines are each real', async () => {
  const texts = [line({}), line({}), line({ content: 'other' }), line({})];
  expect(await world.importing(texts)).toMatchObject({ stored: 4, known: 0 });
  expect(await world.importing(texts)).toMatchObject({ stored: 0, known: 4, made: { members: 0, communities: 0, threads: 0 } });
  expect(world.sent.get(threadIdOf('Lean', 'T'))).toHaveLength(4);
});

test('a username that somebody has gives way, whatever its case', async () => {
  const taken: MemberRecord = {
    id: 'f'.repeat(24),
    username: 'ADA',
    email: 'ada@example.org',
    password_hash: 'x',
    full_name: null,
    avatar_url: null,
    bio: null,
    joined_at: 1,
    is_active: true,
    reopen_until: null,
    signed_out: null,
    presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
  };
  await world.store.members.insert(taken);
  await world.importing([line({})]);
  expect((await world.store.members.byId(memberIdOf('Ada')))?.username).toMatch(/^Ada-[0-9a-f]{8}$/);
  expect((await world.store.members.byUsername('ada'))?.id).toBe(taken.id);
});

test('mentions of members that are there are found, others are text', async () => {
  await world.importing([line({ author: 'ben' }), line({ content: 'what does @ben say? and @nobody' })]);
  const second = world.sent.get(threadIdOf('Lean', 'T'))?.[1];
  expect(second).toMatchObject({ mentions: [memberIdOf('ben')], mention_names: ['ben'] });
});

test('bad lines are told by number and harm nothing', async () => {
  const summary = await world.importing([line({}), '{"community"', null, line({ content: '' }), line({ content: 'last' })]);
  expect(summary).toMatchObject({ stored: 2, rejected: 3, lastLine: 5, complete: true });
  expect(world.rejected.map((r) => r.line)).toEqual([2, 3, 4]);
});

test('what was deleted in Parley stays deleted', async () => {
  await world.importing([line({}), line({ thread: 'U' }), line({ community: 'Other' })]);
  await world.store.threads.update(threadIdOf('Lean', 'T'), { deleted_at: 1 });
  await world.store.communities.update(communityIdOf('Other'), { deleted_at: 1 });
  const again = await world.importing([
    line({ content: 'new' }),
    line({ thread: 'U', content: 'new' }),
    line({ community: 'Other', thread: 'new' }),
  ]);
  expect(again).toMatchObject({ stored: 1, rejected: 2 });
  expect(await world.store.threads.byId(threadIdOf('Other', 'new'))).toBeNull();
});

test('communities begin their ledgers with what they are, once', async () => {
  const { ledgers, communities } = world.store;
  const committed = () => ledgers.commitsAfter(communityLedger(communityIdOf('Lean')), 0, 9);
  await world.importing([line({}), line({ thread: 'U' })]);
  const first = firstCommits((await communities.byId(communityIdOf('Lean')))!);
  expect(await committed()).toEqual(first);
  await world.importing([line({ content: 'again' })]);
  expect(await committed()).toEqual(first);
});

test('memberships that are there stay as they are', async () => {
  await world.importing([line({}), line({ author: 'Ben' })]);
  const ben = (await world.store.memberships.get(communityIdOf('Lean'), memberIdOf('Ben')))!;
  await world.store.memberships.put({ ...ben, state: 'banned', version: ben.version + 1 });
  await world.importing([line({}), line({ author: 'Ben' })]);
  expect((await world.store.memberships.get(communityIdOf('Lean'), memberIdOf('Ben')))?.state).toBe('banned');
});

test('interrupted: what was read is finished, and it says where it stopped', async () => {
  const stop = new AbortController();
  const lines = async function* () {
    for (let number = 1; number <= 10; number++) {
      if (number === 5) stop.abort();
      yield { number, text: line({ content: `m${number}` }), bytes: number };
    }
  };
  expect(await world.importing([], { lines: lines(), signal: stop.signal })).toMatchObject({ stored: 4, lastLine: 4, complete: false });
  expect(await world.importing(Array.from({ length: 10 }, (_, i) => line({ content: `m${i + 1}` })))).toMatchObject({
    stored: 6,
    known: 4,
    complete: true,
  });
  expect(world.sent.get(threadIdOf('Lean', 'T'))?.map((item) => item.content)).toEqual(Array.from({ length: 10 }, (_, i) => `m${i + 1}`));
});

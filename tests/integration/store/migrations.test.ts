import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Db, MongoClient, ObjectId } from 'mongodb';
import { z } from 'zod';
import { defaultRoles, starterRoleOf } from '../../../src/authority/roles.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { type CollectionDefinition, defineCollection, type RecordOf } from '../../../src/store/collection.js';
import { changesBetween, communityLedger, firstCommits } from '../../../src/store/community-items.js';
import { connectStore } from '../../../src/store/mongo/client.js';
import { indexes } from '../../../src/store/mongo/indexes.js';
import { ownersOfCommunities } from '../../../src/store/mongo/migrations/0003-owners.js';
import { searchScopes } from '../../../src/store/mongo/migrations/0004-search-scopes.js';
import { heldEmailsAndEndsOfSessions } from '../../../src/store/mongo/migrations/0005-accounts.js';
import { closedAccounts } from '../../../src/store/mongo/migrations/0006-closed-accounts.js';
import { foldedNames } from '../../../src/store/mongo/migrations/0009-folded-names.js';
import { rolesOfMembers } from '../../../src/store/mongo/migrations/0010-roles.js';
import { copiedKinds } from '../../../src/store/mongo/migrations/0013-copied-kinds.js';
import { ledgersOfCommunities } from '../../../src/store/mongo/migrations/0014-ledgers-of-communities.js';
import { threadsInLedgers } from '../../../src/store/mongo/migrations/0015-threads-in-ledgers.js';
import { migrations } from '../../../src/store/mongo/migrations/list.js';
import { migrate } from '../../../src/store/mongo/migrations/migrate.js';
import { recordsOf } from '../../conformance/store/arbitrary.js';
import { dropDatabase, mongoUrl, randomDatabase, silent } from '../../conformance/store/backends.js';
import { aCommunity, aMember, aMembership, aNotification, aSession, aThread } from '../../conformance/store/records.js';
import { labels, parcels } from '../../conformance/store/stated.js';
import { until } from '../../until.js';

const url = mongoUrl;

describe('migrations', () => {
  let client: MongoClient;
  let db: Db;
  beforeAll(async () => {
    client = await new MongoClient(url).connect();
  });
  afterAll(() => client.close());
  beforeEach(() => {
    db = client.db(randomDatabase());
  });
  afterEach(() => dropDatabase(url, db.databaseName));

  const run = (migrations: Parameters<typeof migrate>[0]['migrations']) => migrate({ db, migrations, clock: systemClock, logger: silent });
  const counting = (versions: number[], started: number[], lasts = 50) =>
    versions.map((version) => ({
      version,
      name: `step ${version}`,
      run: async () => {
        started.push(version);
        await systemClock.sleep(lasts);
      },
    }));

  test('run once each, in order, however many start at once', async () => {
    const started: number[] = [];
    const steps = counting([1, 2, 3], started);
    await Promise.all([run(steps), run(steps), run(steps)]);
    expect(started).toEqual([1, 2, 3]);
    await run(steps);
    expect(started).toEqual([1, 2, 3]);
    await run([...steps, ...counting([4], started)]);
    expect(started).toEqual([1, 2, 3, 4]);
    expect(await db.collection<{ _id: string }>('migrations').countDocuments({ _id: 'lock' })).toBe(0);
  });

  test('a failed one is told and tried again from its beginning; those before it stay done', async () => {
    const started: number[] = [];
    const [one, two] = counting([1, 2], started);
    const failing = { ...two!, run: () => Promise.reject(new Error('boom')) };
    await expect(run([one!, failing])).rejects.toThrow('boom');
    await run([one!, two!]);
    expect(started).toEqual([1, 2]);
  });

  test('a lock whose lease ran out is taken over, a living one is respected', async () => {
    const started: number[] = [];
    const ledger = db.collection<{ _id: string; until: Date }>('migrations');
    await ledger.insertOne({ _id: 'lock', until: new Date(Date.now() + 700) });
    const began = Date.now();
    await run(counting([1], started, 0));
    expect(Date.now() - began).toBeGreaterThan(500);
    expect(started).toEqual([1]);
  });

  test('a database that is newer than the code is refused with a clear line', async () => {
    await run(counting([1, 2, 3], [], 0));
    await expect(run(counting([1, 2], [], 0))).rejects.toThrow('the database is at version 3, this code knows 2');
  });
});

describe('the database that a store makes', () => {
  const database = randomDatabase();
  let client: MongoClient;
  beforeAll(async () => {
    client = await new MongoClient(url).connect();
    const open = () => connectStore({ url, database, clock: systemClock, telemetry: new Telemetry(), logger: silent });
    const both = await Promise.all([open(), open()]);
    for (const { close } of both) {
      await close();
      await close();
    }
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(url, database);
  });

  test.each(Object.keys(indexes))('has every index of %s', async (collection) => {
    const there = await client.db(database).collection(collection).indexes();
    for (const wanted of indexes[collection]!) {
      const found = there.find((index) => JSON.stringify(index.key) === JSON.stringify(wanted.key));
      expect({ ...wanted, found }).toMatchObject({ found: { key: wanted.key } });
      expect(found?.unique ?? false).toBe(wanted.unique ?? false);
      expect(found?.partialFilterExpression).toEqual(wanted.partialFilterExpression);
      expect(found?.expireAfterSeconds).toEqual(wanted.expireAfterSeconds);
    }
  });

  test('one of the version before loses the indexes that others begin with, also when that was begun before', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    try {
      const messages = db.collection('messages');
      await messages.createIndexes([{ key: { thread_id: 1 } }, { key: { author: 1 } }, { key: { thread_id: 1, seq: 1 }, unique: true }]);
      await messages.dropIndex('author_1');
      await migrations[1]!.run(db, () => undefined);
      await migrations[1]!.run(db, () => undefined);
      expect((await messages.indexes()).map(({ name }) => name).sort()).toEqual(['_id_', 'thread_id_1_seq_1']);
    } finally {
      await dropDatabase(url, older);
    }
  });

  test('each community of the version before gets the one owner that its memberships speak for, also when that was begun before', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    try {
      const [communities, memberships] = [db.collection('communities'), db.collection('memberships')];
      const [ada, ben, cem, dee] = [new ObjectId(), new ObjectId(), new ObjectId(), new ObjectId()] as const;
      /** Who is in a community, in the order of their joining. */
      const found = async (...inside: [member: ObjectId, role: string, state?: string][]): Promise<ObjectId> => {
        const _id = new ObjectId();
        await communities.insertOne({ _id, name: 'c', created_by: ada });
        if (inside.length === 0) return _id;
        await memberships.insertMany(
          inside.map(([member_id, role, state = 'active'], at) => ({ community_id: _id, member_id, role, state, joined_at: new Date(at) })),
        );
        return _id;
      };
      const expected = new Map<ObjectId, ObjectId>([
        [await found([ada, 'member'], [ben, 'owner'], [cem, 'moderator']), ben],
        [await found([ada, 'moderator'], [cem, 'owner'], [ben, 'owner']), cem],
        [await found([ada, 'owner', 'left'], [ben, 'member'], [cem, 'moderator'], [dee, 'moderator']), cem],
        [await found([ada, 'member', 'banned'], [dee, 'member'], [ben, 'member']), dee],
        [await found([dee, 'member', 'left']), ada],
        [await found(), ada],
      ]);
      const handed = await found([ada, 'moderator'], [ben, 'owner']);
      await communities.updateOne({ _id: handed }, { $set: { owner_id: ada, owner_version: 3 } });
      await ownersOfCommunities.run(db, () => undefined);
      await ownersOfCommunities.run(db, () => undefined);
      for (const [_id, owner_id] of expected) expect(await communities.findOne({ _id })).toMatchObject({ owner_id, owner_version: 1 });
      // One that it had come to before it was cut off.
      expect(await communities.findOne({ _id: handed })).toMatchObject({ owner_id: ada, owner_version: 3 });
      expect(await memberships.countDocuments({ role: 'owner' })).toBe(0);
      expect(await memberships.countDocuments({ member_id: ben, role: 'moderator' })).toBe(3);
    } finally {
      await dropDatabase(url, older);
    }
  });

  test('who was a moderator holds the starter role of the community, also when that was cut off half way', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    try {
      const memberships = db.collection('memberships');
      await memberships.createIndex({ community_id: 1, role: 1 });
      const [one, other] = [new ObjectId(), new ObjectId()];
      const people = Array.from({ length: 2_300 }, (_, at) => ({
        community_id: at % 2 ? one : other,
        member_id: new ObjectId(),
        role: at % 23 === 0 ? 'member' : 'moderator',
        state: 'active',
        version: 1,
      }));
      await memberships.insertMany(people);
      const told: number[][] = [];
      const cut = rolesOfMembers.run(db, (done, all) => {
        told.push([done, all]);
        if (done === 1_000) throw new Error('cut off');
      });
      await expect(cut).rejects.toThrow('cut off');
      await rolesOfMembers.run(db, (done, all) => told.push([done, all]));
      await rolesOfMembers.run(db, () => undefined);
      expect(told).toEqual([
        [1_000, 2_200],
        [1_000, 1_200],
        [1_200, 1_200],
      ]);
      expect(await memberships.countDocuments({ role: { $exists: true } })).toBe(0);
      for (const id of [one, other]) {
        const starter = ObjectId.createFromHexString(starterRoleOf(id.toHexString()));
        expect(await memberships.countDocuments({ community_id: id, roles: [starter] })).toBe(1_100);
        expect(await memberships.countDocuments({ community_id: id, roles: { $exists: false } })).toBe(50);
      }
      expect((await memberships.indexes()).map(({ name }) => name)).not.toContain('community_id_1_role_1');
    } finally {
      await dropDatabase(url, older);
    }
  });

  test('one that searched everything gets scopes and loses texts and old indexes, also when that was begun before', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    try {
      const [search, messages] = [db.collection('search'), db.collection('messages')];
      await search.createIndexes([{ key: { kind: 1, terms: 1, created_at: -1, _id: -1 } }, { key: { kind: 1, created_at: -1, _id: -1 } }]);
      await messages.createIndex({ author: 1, created_at: -1, _id: -1 });
      const [community_id, scope] = [new ObjectId(), new ObjectId()];
      await search.insertMany([
        ...Array.from({ length: 4_500 }, () => ({ kind: 'message', community_id, text: 'old', terms: ['old'] })),
        { kind: 'message', community_id, scope, terms: ['new'] },
        { kind: 'removed', community_id },
      ]);
      await searchScopes.run(db, () => undefined);
      await searchScopes.run(db, () => undefined);
      expect(await search.countDocuments({ scope: community_id, text: { $exists: false }, terms: 'old' })).toBe(4_500);
      expect(await search.countDocuments({ scope, terms: 'new' })).toBe(1);
      expect(await search.countDocuments({ kind: 'removed', scope: { $exists: false } })).toBe(1);
      const names = [...(await search.indexes()), ...(await messages.indexes())].map(({ name }) => name);
      expect(names).toContain('scope_1_kind_1_terms_1_created_at_-1__id_-1');
      expect(names).toContain('author_1_community_id_1_created_at_-1__id_-1');
      expect(names.filter((name) => /^kind_1|^author_1_created/.test(name!))).toEqual([]);
    } finally {
      await dropDatabase(url, older);
    }
  });

  test('one of the version before lets e-mails be those of many, keeps who signs in by theirs, and ends sessions', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    try {
      const members = db.collection('members');
      await members.createIndexes([{ key: { email_key: 1 }, unique: true }]);
      await members.insertOne({ email_key: 'ada@example.org' });
      const sessions = db.collection('sessions');
      const created_at = new Date(1_000_000);
      const far = new Date(created_at.getTime() + 400 * 86_400_000);
      await sessions.insertMany(Array.from({ length: 1_500 }, () => ({ created_at, expires_at: far })));
      await heldEmailsAndEndsOfSessions.run(db, () => undefined);
      await heldEmailsAndEndsOfSessions.run(db, () => undefined);
      expect((await members.indexes()).map(({ name }) => name).sort()).toEqual(['_id_', 'held_emails']);
      await members.insertMany([{ username: 'a' }, { username: 'b' }]);
      await expect(members.insertOne({ email_key: 'ada@example.org' })).rejects.toMatchObject({ code: 11000 });
      const end = new Date(created_at.getTime() + 90 * 86_400_000);
      expect(await sessions.countDocuments({ ends_at: end, expires_at: end })).toBe(1_500);
    } finally {
      await dropDatabase(url, older);
    }
  });

  test('people and places of the version before are found by folded names and tags, also when that was begun before', async () => {
    const older = randomDatabase();
    const opened = () => connectStore({ url, database: older, clock: systemClock, telemetry: new Telemetry(), logger: silent });
    const db = client.db(older);
    const { store, close } = await opened();
    try {
      const [jose, taro] = [aMember({ username: 'pepe-garcia', full_name: 'José Núñez' }), aMember({ full_name: '山田太郎' })];
      const [cafe, other] = [aCommunity({ name: 'Café', tags: ['Dev', 'dev', ' dev '] }), aCommunity({ name: 'Other' })];
      const thread = aThread({ tags: ['Ops', 'OPS', 'dev'] });
      await store.members.putMissing([jose, taro, ...Array.from({ length: 1_200 }, () => aMember({ full_name: 'Zoë' }))]);
      for (const one of [cafe, other]) await store.communities.insert(one);
      await store.threads.insert(thread);
      // As the version before left them.
      const [members, communities] = [db.collection('members'), db.collection('communities')];
      await members.updateMany({}, { $set: { name_keys: ['zoë'] }, $unset: { username_keys: '' } });
      await communities.updateMany({}, { $set: { name_key: 'café' }, $unset: { name_text: '', tag_keys: '' } });

      // Cut off after one of them, and begun again twice.
      await members.updateOne({ username: jose.username }, { $set: { name_keys: ['jose nunez', 'nunez'] } });
      await foldedNames.run(db, () => undefined);
      await foldedNames.run(db, () => undefined);

      const people = async (q: string) => (await store.members.list({ q }, { limit: 10 })).map(({ id }) => id);
      expect([await people('jose'), await people('garcia'), await people('太郎')]).toEqual([[jose.id], [jose.id], [taro.id]]);
      expect(await members.countDocuments({ name_keys: 'zoe' })).toBe(1_200);
      const places = (filter: { q?: string; tag?: string }) => store.communities.list({ visible: [], ...filter }, { limit: 10 });
      expect(await places({ q: 'cafe', tag: 'DEV' })).toEqual([{ ...cafe, tags: ['Dev'] }]);
      expect(await places({})).toHaveLength(2);
      expect((await store.threads.byId(thread.id))?.tags).toEqual(['Ops', 'dev']);
    } finally {
      await close();
      await dropDatabase(url, older);
    }
  });

  test('communities of the version before begin their ledgers with what they are, also when that was begun before', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    const { store, close } = await connectStore({ url, database: older, clock: systemClock, telemetry: new Telemetry(), logger: silent });
    try {
      const made = Array.from({ length: 410 }, (_, at) => aCommunity({ name: `n ${at}` }));
      const [plain, own, deleted] = made as [(typeof made)[0], (typeof made)[0], (typeof made)[0]];
      own.roles = [{ id: plain.id, name: 'Gardener', color: '#00ff00', permissions: ['post'], mentionable: true }, ...defaultRoles(own.id)];
      deleted.deleted_at = 5;
      for (const one of made) await store.communities.insert(one);
      const communities = db.collection('communities');
      // As the version before left them.
      await communities.updateMany({}, { $set: { owner_version: 3 }, $unset: { ledger_rev: '' } });
      await communities.updateOne({ _id: new ObjectId(own.id) }, { $set: { roles_version: 2 } });
      // Cut off behind the commits of one of them, behind all of another one.
      await store.ledgers.append(firstCommits(plain));
      const told: [done: number, all: number][] = [];
      await ledgersOfCommunities.run(db, (...progress) => void told.push(progress));
      expect(told).toEqual([
        [200, 410],
        [400, 410],
        [410, 410],
      ]);
      const state = async () => [
        await db.collection('ledger_commits').find().sort({ ledger: 1, rev: 1 }).toArray(),
        await db.collection('ledger_items').find().sort({ _id: 1 }).toArray(),
        await communities.find().sort({ _id: 1 }).toArray(),
      ];
      const before = await state();
      await communities.updateOne({ _id: new ObjectId(own.id) }, { $unset: { ledger_rev: '' } });
      await ledgersOfCommunities.run(db, () => undefined);
      expect(await state()).toEqual(before);

      expect(await communities.countDocuments({ $or: [{ owner_version: { $exists: true } }, { roles_version: { $exists: true } }] })).toBe(
        0,
      );
      for (const one of [plain, own]) {
        const ledger = communityLedger(one.id);
        expect(await store.communities.byId(one.id)).toEqual(one);
        expect(await store.ledgers.edges(ledger)).toEqual({ head: 1, floor: 0, projected: 1 });
        expect(await store.ledgers.commitsAfter(ledger, 0, 9)).toEqual(firstCommits(one));
        const items = await store.ledgers.living(ledger, null, 99);
        const changes = firstCommits(one).flatMap((commit) => commit.changes);
        expect(items).toHaveLength(changes.length);
        for (const { ledger: _, rev, ...item } of items) expect([rev, changes]).toEqual([1, expect.arrayContaining([item])]);
      }
      expect(await store.ledgers.edges(communityLedger(deleted.id))).toEqual({ head: 0, floor: 0, projected: 0 });
      // What comes next stands upon that.
      const changes = changesBetween(own, { ...own, name: 'new' });
      const next = { ...firstCommits(own)[0]!, id: new ObjectId().toHexString(), rev: 2, changes };
      expect(await store.ledgers.append([next])).toEqual(['stored']);
    } finally {
      await close();
      await dropDatabase(url, older);
    }
  });

  test('accounts that were closed in the version before are marked, once', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    try {
      const members = db.collection('members');
      const [closed, marked, open] = [new ObjectId(), new ObjectId(), new ObjectId()];
      const named = (_id: ObjectId) => ({ _id, username_key: _id.toHexString(), email_key: _id.toHexString() });
      await members.insertMany([
        { ...named(closed), is_active: false },
        { ...named(marked), is_active: false, account_changed_at: new Date(5) },
        { ...named(open), is_active: true },
      ]);
      await closedAccounts.run(db, () => undefined);
      const at = (await members.findOne({ _id: closed }))?.account_changed_at;
      expect(at).toBeInstanceOf(Date);
      await closedAccounts.run(db, () => undefined);
      expect((await members.findOne({ _id: closed }))?.account_changed_at).toEqual(at);
      expect(await members.findOne({ _id: marked })).toMatchObject({ account_changed_at: new Date(5) });
      expect(await members.findOne({ _id: open })).not.toHaveProperty('account_changed_at');
    } finally {
      await dropDatabase(url, older);
    }
  });

  test('what ledgers copy is untold after the version before, also when that was begun before', async () => {
    const older = randomDatabase();
    const { store, close } = await connectStore({ url, database: older, clock: systemClock, telemetry: new Telemetry(), logger: silent });
    const db = client.db(older);
    try {
      const [here, away] = [aMembership(), aMembership({ state: 'left' })];
      const [rung, signedIn] = [aNotification(), aSession()];
      const [over, ended] = [aSession({ expires_at: Date.now() + 1 }), aSession({ ended_at: 5 })];
      await store.memberships.putMissing([here, away, ...Array.from({ length: 2_100 }, () => aMembership())]);
      await store.notifications.insert([rung]);
      for (const one of [signedIn, over, ended]) await store.sessions.insert(one);
      for (const name of ['memberships', 'notifications', 'sessions']) await db.collection(name).updateMany({}, { $unset: { untold: '' } });
      await until('a session to be over', async () => Date.now() > over.expires_at);

      const told: [number, number][] = [];
      await copiedKinds.run(db, () => undefined);
      await copiedKinds.run(db, (done, all) => told.push([done, all]));

      const untold = async (name: string) => db.collection(name).countDocuments({ untold: { $exists: true } });
      expect(await untold('memberships')).toBe(2_101);
      expect(await store.memberships.untold(here.member_id, 5)).toMatchObject([{ key: here.community_id, record: here }]);
      expect(await store.memberships.untold(away.member_id, 5)).toEqual([]);
      expect(await store.notifications.untold(rung.member_id, 5)).toMatchObject([{ key: rung.id, record: rung }]);
      expect(await store.sessions.untold(signedIn.member_id, 5)).toMatchObject([{ record: signedIn }]);
      expect([await store.sessions.untold(over.member_id, 5), await store.sessions.untold(ended.member_id, 5)]).toEqual([[], []]);
      expect(told.map(([done]) => done)).toEqual([...told.map(([done]) => done)].sort((a, b) => a - b));
      expect(told.at(-1)![0]).toBe(told.at(-1)![1]);
    } finally {
      await close();
      await dropDatabase(url, older);
    }
  });

  test('open threads are untold after the version before, also when that was begun before', async () => {
    const older = randomDatabase();
    const { store, close } = await connectStore({ url, database: older, clock: systemClock, telemetry: new Telemetry(), logger: silent });
    const db = client.db(older);
    try {
      const { id: community_id } = aCommunity();
      const deny = { subject: `role:${community_id}` as const, allow: [], deny: ['view' as const] };
      const closed = aThread({ community_id, overrides: [deny], overrides_version: 1 });
      const open = Array.from({ length: 6_100 }, () => aThread({ community_id }));
      await store.threads.putMissing([...open, closed, aThread({ community_id, deleted_at: 5 })]);
      const untold = () => db.collection('threads').countDocuments({ untold: { $exists: true } });
      // As the version before left them.
      await db.collection('threads').updateMany({}, { $unset: { untold: '' } });
      const told: [number, number][] = [];
      // Cut off on the way.
      const cut = threadsInLedgers.run(db, (done) => {
        if (done > 2_000) throw new Error('cut off');
      });
      await expect(cut).rejects.toThrow('cut off');
      await threadsInLedgers.run(db, (done, all) => void told.push([done, all]));
      expect(await untold()).toBe(6_100);
      expect(told.map(([done]) => done)).toEqual([2_000, 4_000, 6_000, 6_102]);
      expect(await store.threads.untoldAmong(community_id, [closed.id])).toEqual([]);
      expect((await db.collection('threads').indexes()).map(({ key }) => JSON.stringify(key))).toContain('{"community_id":1,"untold":1}');
    } finally {
      await close();
      await dropDatabase(url, older);
    }
  });

  test('a collection that a feature states is made once, and gets what a later release adds', async () => {
    const older = randomDatabase();
    const db = client.db(older);
    const made: string[] = [];
    const logger = { info: (_: object, text: string) => made.push(text) } as unknown as typeof silent;
    const opened = (...collections: CollectionDefinition[]) =>
      connectStore({ url, database: older, clock: systemClock, telemetry: new Telemetry(), logger, collections });
    const builds = () => made.splice(0).filter((text) => text.includes('indexes of a collection')).length;
    const small = defineCollection({ ...parcels, indexes: { place: parcels.indexes.place }, queries: {} });
    const wider = defineCollection({
      ...parcels,
      schema: parcels.schema.extend({ colour: z.string().default('brown'), sender: z.string().nullable() }),
    });
    try {
      const first = await Promise.all([opened(small, labels), opened(small, labels), opened()]);
      expect(builds()).toBe(1);
      const [parcel] = fc.sample(recordsOf(parcels), { numRuns: 1, seed: 1 });
      await first[0].store.collection(small).insert(parcel as RecordOf<typeof small>);
      const later = await opened(wider);
      expect(builds()).toBe(1);
      const names = (await db.collection('parcels').indexes()).map(({ name }) => name).sort();
      expect(names).toEqual(['_id_', 'code_1', 'shelf_id_1_is_heavy_1_came_at_-1_label_1__id_-1', 'shelf_id_1_place_1']);
      // What is older is read as what it is now, and what is newer by a node of the release before.
      const record = await later.store.collection(wider).byKey(parcel!.id as string);
      expect(record).toEqual({ ...parcel, colour: 'brown', sender: null });
      await later.store.collection(wider).update(record!.id, { sender: 'ada' });
      const again = await opened(small);
      expect(builds()).toBe(0);
      expect(await again.store.collection(small).byKey(record!.id)).toEqual(parcel);
      for (const { close } of [...first, later, again]) await close();
    } finally {
      await dropDatabase(url, older);
    }
  });

  test('sessions and refresh tokens end by themselves', async () => {
    for (const collection of ['sessions', 'refresh_tokens']) {
      const there = await client.db(database).collection(collection).indexes();
      expect(there).toContainEqual(expect.objectContaining({ key: { expires_at: 1 }, expireAfterSeconds: 0 }));
    }
  });
});

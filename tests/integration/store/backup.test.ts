import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BSON, type Db, type Document, MongoClient, ObjectId } from 'mongodb';
import { bringBack } from '../../../scripts/backup/bring-back.js';
import { checkBackup, openBackup } from '../../../scripts/backup/check.js';
import { takeBackup } from '../../../scripts/backup/take.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { type BackupSource, openSource } from '../../../src/store/mongo/backup/source.js';
import { type BackupTarget, openTarget } from '../../../src/store/mongo/backup/target.js';
import { walk } from '../../../src/store/mongo/backup/walk.js';
import { type ConnectedStore, connectStore } from '../../../src/store/mongo/client.js';
import { indexes } from '../../../src/store/mongo/indexes.js';
import { migrations } from '../../../src/store/mongo/migrations/list.js';
import { dropDatabase, randomDatabase, silent, mongoUrl as url } from '../../conformance/store/backends.js';
import { aCommunity, aMember, aMembership, aMessage, aThread, messagesOf } from '../../conformance/store/records.js';
import { statedCollections } from '../../conformance/store/stated.js';

const nobody = { read: async () => ({ version: 0, members: [], claims: new Map() }) };
const exactly = { promoteValues: false } as const;

let client: MongoClient;
let from: Db;
let to: Db;
let dir: string;
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  client = await new MongoClient(url).connect();
  from = client.db(randomDatabase());
  to = client.db(randomDatabase());
  dir = mkdtempSync(join(tmpdir(), 'parley-backup-'));
  closing = [];
});
afterEach(async () => {
  for (const close of closing) await close();
  await client.close();
  for (const { databaseName } of [from, to]) await dropDatabase(url, databaseName);
  rmSync(dir, { recursive: true, force: true });
});

const open = async (db: Db): Promise<ConnectedStore> => {
  const connected = await connectStore({
    ...{ url, database: db.databaseName, clock: systemClock, telemetry: new Telemetry(), logger: silent, collections: statedCollections },
  });
  closing.push(() => connected.close());
  return connected;
};
const sourceOf = async (db: Db): Promise<BackupSource> => {
  const source = await openSource({ url, database: db.databaseName });
  closing.push(() => source.close());
  return source;
};
const targetOf = async (db: Db): Promise<BackupTarget> => {
  const target = await openTarget({ url, database: db.databaseName, clock: systemClock, logger: silent, collections: statedCollections });
  closing.push(() => target.close());
  return target;
};
let taken = 0;
const take = async (source?: BackupSource): Promise<string> => {
  const out = join(dir, `backup-${taken++}`);
  await takeBackup({ source: source ?? (await sourceOf(from)), out, secrets: null, now: () => Date.now() });
  return out;
};
const back = async (folder: string, over: { replace?: boolean; target?: BackupTarget } = {}) => {
  const target = over.target ?? (await targetOf(to));
  return bringBack({ folder, target, slots: nobody, dataDir: dir, replace: over.replace ?? false, withSecrets: false });
};
/** Every document as it is stored, to the type. */
const rawOf = async (db: Db, name: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const one of walk(db.collection(name))) {
    // Every thread is told anew to the ledger of its community.
    if (name === 'threads') found.push(JSON.stringify({ ...BSON.deserialize(one), untold: undefined }));
    else found.push(Buffer.from(one).toString('hex'));
  }
  return found;
};
const namesIn = async (db: Db): Promise<string[]> =>
  (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();

describe('a store that was brought back', () => {
  /** People, a place, an open and a closed thread, messages and edits. */
  const live = async () => {
    const { store } = await open(from);
    const [ada, bob] = [aMember({ username: 'Ada' }), aMember({ username: 'Bob' })];
    const community = aCommunity({ created_by: ada.id, owner_id: ada.id });
    const place = { community_id: community.id, created_by: ada.id };
    const thread = aThread({ ...place, last_seq: 120, head_rev: 121, message_count: 119 });
    const overrides = [
      { subject: `role:${community.id}`, allow: [], deny: ['view'] },
      { subject: `member:${ada.id}`, allow: ['view'], deny: [] },
    ] as never;
    const closed = aThread({ ...place, overrides, last_seq: 2, head_rev: 2, message_count: 2 });
    await store.members.putMissing([ada, bob]);
    await store.communities.insert(community);
    await store.memberships.putMissing([ada, bob].map(({ id }) => aMembership({ community_id: community.id, member_id: id })));
    await store.threads.putMissing([thread, closed]);
    const said = messagesOf(thread.id, 120, (seq) => ({ community_id: community.id, author: ada.id, content: `word${seq}` }));
    await store.messages.append([...said, ...messagesOf(closed.id, 2, () => ({ community_id: community.id, author: ada.id }))]);
    const gone = { ...said[4]!, rev: 121, deleted_at: Date.now(), content: '' };
    expect(await store.messages.change(gone, 5)).toBe('stored');
    await store.epochs.raise(41);
    await store.search.setProgress('search', [{ thread_id: thread.id, rev: 100 }]);
    await store.search.setSwept('search', Date.now());
    return { store, ada, bob, community, thread, closed, said };
  };

  test('holds all of it to the type, has every index, and leads another life', async () => {
    const { store, thread, closed, ada } = await live();
    const types = { _id: 'types' as never, int: new BSON.Int32(7), double: new BSON.Double(7), long: BSON.Long.fromNumber(7) };
    await from.collection('of a later release').insertOne({ ...types, date: new Date(5), bytes: Buffer.from('abc'), none: null });
    // Of a release before or after this one, which this one does not make.
    const noted = from.collection<{ _id: string; indexes: string[] }>('migrations');
    await noted.updateOne({ _id: 'collection parcels' }, { $addToSet: { indexes: 'of another release' } });
    const folder = await take();
    expect(await checkBackup(folder, openBackup(folder))).toEqual([]);
    expect(openBackup(folder)).toMatchObject({ history: store.history, migration: migrations.at(-1)!.version });
    const restored = await back(folder);
    expect(restored).toMatchObject({ threads: 0, filled: 0, changed: [] });

    expect(await namesIn(to)).toEqual(await namesIn(from));
    for (const name of await namesIn(from)) {
      if (['installation', 'epochs', 'progress', 'migrations'].includes(name)) continue;
      expect({ name, documents: await rawOf(to, name) }).toEqual({ name, documents: await rawOf(from, name) });
    }
    for (const [name, wanted] of Object.entries(indexes)) {
      const there = (await to.collection(name).indexes()).map(({ key }) => JSON.stringify(key));
      expect(there).toEqual(expect.arrayContaining(wanted.map(({ key }) => JSON.stringify(key))));
    }
    for (const { name, indexes: stated } of statedCollections) {
      if (Object.keys(stated).length > 0) expect((await to.collection(name).indexes()).length).toBe(Object.keys(stated).length + 1);
    }
    const notes = await to.collection<{ _id: string; indexes: string[] }>('migrations').findOne({ _id: 'collection parcels' });
    expect(notes?.indexes.length).toBeGreaterThan(0);
    expect(notes?.indexes).not.toContain('of another release');
    const { store: other } = await open(to);
    expect(other.history).toBe(restored.history);
    expect(other.history).not.toBe(store.history);
    expect(await other.epochs.raise(0)).toBe(42);
    expect(await other.members.byId(ada.id)).toEqual(await store.members.byId(ada.id));
    expect((await other.threads.byId(closed.id))?.overrides).toHaveLength(2);
    expect(new Set((await other.threads.untold(closed.community_id, 9)).map(({ key }) => key))).toEqual(new Set([closed.id, thread.id]));
    expect(await other.messages.head(thread.id)).toEqual({ seq: 120, rev: 121 });
    // What was done counts as done; what was told of since is looked for.
    expect(await other.search.progress('search', [thread.id])).toEqual(new Map([[thread.id, { rev: 100, scope_since: 0 }]]));
    expect(await other.search.swept('search')).toBe(0);
    const again = aMessage({ thread_id: thread.id, seq: 120, rev: 122 });
    expect(await other.messages.append([again])).toEqual(['taken']);
  });

  test('keeps the higher witness of epochs when it is written over', async () => {
    await live();
    const folder = await take();
    const { store } = await open(to);
    await store.epochs.raise(900);
    await store.members.putMissing([aMember()]);
    await expect(back(folder)).rejects.toThrow('the store is not empty (members)');
    expect(await to.collection('members').countDocuments()).toBe(1);
    await back(folder, { replace: true });
    expect(await to.collection('members').countDocuments()).toBe(2);
    expect(await (await open(to)).store.epochs.raise(0)).toBe(901);
  });

  test('one that nobody has come to counts as empty', async () => {
    await live();
    const { store } = await open(to);
    await store.search.setSwept('search', 5);
    await store.epochs.raise(3);
    expect(await (await targetOf(to)).held()).toEqual([]);
  });

  test('nothing starts on half of it, and a repeated restore makes it whole', async () => {
    await live();
    const folder = await take();
    const target = await targetOf(to);
    const failing: BackupTarget = { ...target, finish: () => Promise.reject(new Error('cut off')) };
    await expect(back(folder, { target: failing })).rejects.toThrow('cut off');
    await expect(open(to)).rejects.toThrow('being restored');
    await expect((await sourceOf(to)).state()).rejects.toThrow('being restored');
    await expect(back(folder)).rejects.toThrow('is not empty');
    await back(folder, { replace: true });
    expect(await (await open(to)).store.members.byIds([])).toEqual([]);
  });

  test('what was changed while it was read is brought level', async () => {
    const { store, thread, closed, community, said } = await live();
    const source = await sourceOf(from);
    const place = { thread_id: thread.id, community_id: community.id };
    const reading: BackupSource = {
      ...source,
      documents: async function* (name) {
        if (name === 'messages') {
          // Said before it was read, but for one of them, whose id lies before what was read by then.
          const hidden = aMessage({ ...place, id: `${'0'.repeat(23)}1`, seq: 121, rev: 122 });
          await store.messages.append([aMessage({ ...place, seq: 122, rev: 123 })]);
          for await (const one of source.documents(name)) yield one;
          await store.messages.append([hidden]);
          await store.messages.append([aMessage({ ...place, seq: 123, rev: 124 })]);
          await store.threads.setHeads([{ id: thread.id, last_seq: 123, head_rev: 124, message_count: 122, last_activity: Date.now() }]);
          return;
        }
        yield* source.documents(name);
      },
    };
    const folder = await take(reading);
    expect(await checkBackup(folder, openBackup(folder))).toEqual([]);
    expect(await back(folder)).toMatchObject({ threads: 1, filled: 1 });
    const { store: other } = await open(to);
    const messages = await other.messages.range(thread.id, 1, 200);
    expect(messages.map(({ seq }) => seq)).toEqual([...Array(122).keys()].map((n) => n + 1));
    expect(messages.filter(({ deleted_at }) => deleted_at !== null).map(({ seq }) => seq)).toEqual([5, 121]);
    expect(messages[0]).toEqual(said[0]);
    const head = await other.messages.head(thread.id);
    const record = await other.threads.byId(thread.id);
    expect(record).toMatchObject({ last_seq: head.seq, head_rev: head.rev, message_count: 120 });
    expect(await other.threads.byId(closed.id)).toEqual(await store.threads.byId(closed.id));
  });

  test('figures of a thread that were written after its messages were read do not stand over them', async () => {
    const { thread } = await live();
    await from
      .collection('threads')
      .updateOne({ _id: new ObjectId(thread.id) }, { $set: { last_seq: 500, head_rev: 700, message_count: 480 } });
    // Its messages are all that there ever were, so the head of the beginning is not looked at.
    const folder = await take();
    const target = await targetOf(to);
    await target.begin();
    const source = await sourceOf(from);
    for (const name of await source.collections()) await target.load(name, source.documents(name));
    expect(await target.finish()).toMatchObject({ threads: 1, filled: 0 });
    expect(await (await open(to)).store.threads.byId(thread.id)).toMatchObject({ last_seq: 120, head_rev: 121, message_count: 119 });
    expect(await checkBackup(folder, openBackup(folder))).toEqual([expect.stringContaining('lacks 380 of its messages')]);
  });

  test('what one gave up and another took meanwhile is there once', async () => {
    const { store, ada, bob } = await live();
    const source = await sourceOf(from);
    await from.collection('members').updateOne({ _id: new ObjectId(ada.id) }, { $set: { email_key: 'a@example.org' } });
    const reading: BackupSource = {
      ...source,
      documents: async function* (name) {
        if (name !== 'members') {
          yield* source.documents(name);
          return;
        }
        const all: Document[] = [];
        for await (const one of source.documents(name)) all.push(BSON.deserialize(one, exactly));
        all.sort((a, b) => (String(a._id) < String(b._id) ? -1 : 1));
        const [first, second] = all as [Document, Document];
        yield BSON.serialize(first);
        yield BSON.serialize({ ...second, username: first.username, username_key: first.username_key, email_key: 'a@example.org' });
      },
    };
    const restored = await back(await take(reading));
    expect(restored.changed).toHaveLength(2);
    const { store: other } = await open(to);
    const [first, second] = [ada.id, bob.id].sort() as [string, string];
    expect((await other.members.byId(second))?.username).toBe((await store.members.byId(first))?.username);
    expect((await other.members.byId(first))?.username).toMatch(/_[0-9a-f]{6}$/);
    expect(await to.collection('members').countDocuments({ email_key: 'a@example.org' })).toBe(1);
  });

  test('one of an earlier release is migrated', async () => {
    await live();
    await from.collection<{ _id: string }>('migrations').deleteMany({ _id: { $gte: '0010', $lt: '1' } });
    const some = await from.collection('memberships').findOne();
    await from.collection('memberships').updateOne({ _id: some!._id }, { $set: { role: 'moderator' }, $unset: { roles: '' } });
    const folder = await take();
    expect(openBackup(folder).migration).toBe(9);
    await back(folder);
    expect(await to.collection('migrations').countDocuments({ version: { $exists: true } })).toBe(migrations.length);
    expect(await to.collection('memberships').countDocuments({ role: { $exists: true } })).toBe(0);
    await open(to);
  });

  test('while somebody migrates there is no backup', async () => {
    await live();
    await from.collection<{ _id: string; until: Date }>('migrations').insertOne({ _id: 'lock', until: new Date(Date.now() + 60_000) });
    await expect(take()).rejects.toThrow('the database is being migrated');
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommandStartedEvent, type Db, type Document, MongoClient, ObjectId } from 'mongodb';
import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { MessageCommit } from '../../../src/store/mongo/commit.js';
import { buildIndexes } from '../../../src/store/mongo/indexes.js';
import type { MessageDocument } from '../../../src/store/mongo/message-document.js';
import { MongoMessages } from '../../../src/store/mongo/messages.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { messagesOf } from '../../conformance/store/records.js';
import { planOf } from './plans.js';

const length = 6_000;
const deleted = 60;
const bound = { maxTimeMS: 20_000 };

describe('the plans of what unread counts stand on', () => {
  const database = randomDatabase();
  const thread = newId(Date.now());
  let client: MongoClient;
  let db: Db;
  let messages: MongoMessages;
  let finds: Document[] = [];

  beforeAll(async () => {
    client = await new MongoClient(mongoUrl, { monitorCommands: true, ignoreUndefined: true }).connect();
    client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
      if (commandName === 'find') finds.push({ ...command });
    });
    db = client.db(database);
    await buildIndexes(db);
    const collection = db.collection<MessageDocument>('messages');
    const parts = { messages: collection, bound, clock: systemClock, telemetry: new Telemetry(), logger: pino({ level: 'silent' }) };
    messages = new MongoMessages(collection, new MessageCommit(parts), bound);
    for (const id of [thread, newId(Date.now())]) {
      const records = messagesOf(id, length, (seq) => ({
        created_at: 1.7e12 + seq * 1_000,
        deleted_at: seq % (length / deleted) === 0 ? 1.8e12 : null,
      }));
      for (let from = 0; from < length; from += 1_000) await messages.append(records.slice(from, from + 1_000));
    }
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(mongoUrl, database);
  });

  test('deleted messages are counted by the index of them alone', async () => {
    expect(await messages.countDeleted(thread, { after: length / 2, upTo: length }, 1_000)).toBe(deleted / 2);
    const filter = {
      thread_id: ObjectId.createFromHexString(thread),
      seq: { $gt: length / 2, $lte: length },
      deleted_at: { $exists: true },
    };
    const { indexes, examined } = await planOf(db, { find: 'messages', filter });
    expect(indexes).toEqual(['thread_id_1_seq_1_deleted_at_1']);
    expect(examined).toBeLessThanOrEqual(deleted + 1);
  });

  test('where a thread stood at a time takes a few keys of an index', async () => {
    finds = [];
    expect(await messages.seqAt(thread, 1.7e12 + 3_000_500)).toBe(3_000);
    const sent = finds;
    expect(sent).toHaveLength(2);
    for (const find of sent) {
      const { indexes, examined } = await planOf(db, find);
      expect(indexes).not.toContain(undefined);
      expect(examined).toBeLessThanOrEqual(64);
    }
  });

  test('the newest that lives is at the end of an index', async () => {
    finds = [];
    expect(await messages.newestLiving(thread, length + 1)).toEqual({ seq: length - 1, created_at: 1.7e12 + (length - 1) * 1_000 });
    const { indexes, examined } = await planOf(db, finds[0]!);
    expect(indexes).toEqual(['thread_id_1_seq_1']);
    expect(examined).toBeLessThanOrEqual(8);
  });
});

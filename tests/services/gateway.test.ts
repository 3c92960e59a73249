import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Db, MongoBulkWriteError, MongoClient, type MongoServerError } from 'mongodb';
import { testMongodbUrl } from '../services-env.js';

const url = testMongodbUrl();

interface Message {
  _id: string;
  thread_id?: string;
  seq?: number;
  nonce?: string;
  content?: string;
  community_id?: string;
}

describe('the MongoDB server, by the official driver', () => {
  let client: MongoClient;
  let db: Db;

  beforeAll(async () => {
    client = await new MongoClient(url).connect();
    db = client.db(`services_${process.pid}`);
    await db.dropDatabase();
    await db.collection<Message>('messages').createIndexes([
      { key: { thread_id: 1, seq: 1 }, unique: true, name: 'thread_seq' },
      { key: { thread_id: 1, nonce: 1 }, unique: true, name: 'thread_nonce', partialFilterExpression: { nonce: { $exists: true } } },
    ]);
  });
  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
  });

  const refusal = async (work: Promise<unknown>): Promise<MongoServerError> => {
    try {
      await work;
    } catch (error) {
      return error as MongoServerError;
    }
    throw new Error('it was not refused');
  };

  test('a duplicate names its index, and unordered inserts go on behind it', async () => {
    const messages = db.collection<Message>('messages');
    await messages.insertOne({ _id: 'a', thread_id: 't', seq: 1, nonce: 'n1' });
    const error = await refusal(
      messages.insertMany(
        [
          { _id: 'b', thread_id: 't', seq: 2 },
          { _id: 'c', thread_id: 't', seq: 1 },
          { _id: 'd', thread_id: 't', seq: 3, nonce: 'n1' },
          { _id: 'e', thread_id: 't', seq: 4 },
        ],
        { ordered: false },
      ),
    );
    expect(error).toBeInstanceOf(MongoBulkWriteError);
    const { writeErrors } = error as MongoBulkWriteError;
    expect([writeErrors].flat().map(({ index, code, errmsg }) => [index, code, /index: (\S+)/.exec(errmsg ?? '')?.[1]])).toEqual([
      [1, 11000, 'thread_seq'],
      [2, 11000, 'thread_nonce'],
    ]);
    expect((await messages.find().sort({ seq: 1 }).toArray()).map(({ _id }) => _id)).toEqual(['a', 'b', 'e']);
  });

  test('a partial unique index lets documents outside it be', async () => {
    const messages = db.collection<Message>('messages');
    await messages.insertMany([
      { _id: 'p1', thread_id: 'p', seq: 1 },
      { _id: 'p2', thread_id: 'p', seq: 2 },
    ]);
    expect(await messages.countDocuments({ thread_id: 'p' })).toBe(2);
  });

  test.each([
    ['insertOne', () => db.collection<Message>('messages').insertOne({ _id: 'x', thread_id: 't', seq: 1 })],
    ['updateOne', () => db.collection<Message>('messages').updateOne({ _id: 'b' }, { $set: { seq: 1 } })],
    ['findOneAndUpdate', () => db.collection<Message>('messages').findOneAndUpdate({ _id: 'b' }, { $set: { seq: 1 } })],
  ] as const)('%s is refused with the index’s fields', async (_name, work) => {
    const error = await refusal(work());
    expect(error.code).toBe(11000);
    expect(error.keyPattern).toEqual({ thread_id: 1, seq: 1 });
  });

  test('a result comes in as many batches as it needs', async () => {
    const numbers = db.collection<{ _id: number; v: number }>('numbers');
    await numbers.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: i, v: i % 5 })));
    expect(await numbers.find().batchSize(40).toArray()).toHaveLength(500);
    const sorted = await numbers.find().sort({ v: 1, _id: -1 }).batchSize(40).toArray();
    expect([sorted[0]?._id, sorted.at(-1)?._id]).toEqual([495, 4]);
    const cursor = numbers.aggregate([{ $match: { v: { $lt: 4 } } }, { $sort: { v: -1 } }], { batchSize: 10 });
    await cursor.next();
    await cursor.close();
    expect(await numbers.distinct('v')).toEqual([0, 1, 2, 3, 4]);
  });

  test('findOneAndUpdate makes what is not there', async () => {
    const counters = db.collection<{ _id: string; n: number }>('counters');
    const bump = () => counters.findOneAndUpdate({ _id: 'c' }, { $inc: { n: 1 } }, { upsert: true, returnDocument: 'after' });
    const seen = await Promise.all(Array.from({ length: 20 }, bump));
    expect(new Set(seen.map((document) => document?.n)).size).toBe(20);
  });

  test('bulk writes report each of their parts', async () => {
    const things = db.collection<{ _id: number; v?: number }>('things');
    const result = await things.bulkWrite([
      { insertOne: { document: { _id: 1 } } },
      { updateOne: { filter: { _id: 1 }, update: { $set: { v: 1 } } } },
      { updateOne: { filter: { _id: 2 }, update: { $set: { v: 2 } }, upsert: true } },
      { deleteOne: { filter: { _id: 1 } } },
    ]);
    expect([result.insertedCount, result.modifiedCount, result.upsertedIds, result.deletedCount]).toEqual([1, 1, { 2: 2 }, 1]);
  });

  test('text is searched by stems, phrases and exclusions, together with other fields', async () => {
    const texts = db.collection<Message>('texts');
    await texts.createIndex({ content: 'text' }, { default_language: 'english' });
    await texts.insertMany([
      { _id: '1', community_id: 'a', content: 'the quick brown foxes are jumping' },
      { _id: '2', community_id: 'b', content: 'a quick dog, and a fox that jumped' },
      { _id: '3', community_id: 'b', content: 'nothing of the kind' },
    ]);
    const find = async (search: string, filter = {}): Promise<string[]> =>
      (await texts.find({ $text: { $search: search }, ...filter }, { projection: { score: { $meta: 'textScore' } } }).toArray())
        .map(({ _id }) => _id)
        .sort();
    expect(await find('jump')).toEqual(['1', '2']);
    expect(await find('"quick brown"')).toEqual(['1']);
    expect(await find('fox -brown')).toEqual(['2']);
    expect(await find('fox', { community_id: { $in: ['a', 'c'] } })).toEqual(['1']);
  });

  test('a find is explained: how it was carried out', async () => {
    const find = { find: 'messages', filter: { thread_id: 't' }, sort: { seq: 1 }, limit: 1 };
    const told = await db.command({ explain: find, verbosity: 'executionStats' });
    expect(told.queryPlanner).toBeDefined();
  });

  test('an unknown command and a bad query are refused by their codes', async () => {
    expect((await refusal(db.command({ noSuchThing: 1 }))).code).toBe(59);
    expect((await refusal(db.collection('messages').find({ $bad: 1 }).toArray())).code).toBe(2);
  });
});

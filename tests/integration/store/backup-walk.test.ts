import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BSON, type Db, MongoClient, ObjectId } from 'mongodb';
import { walk } from '../../../src/store/mongo/backup/walk.js';
import { dropDatabase, randomDatabase, mongoUrl as url } from '../../conformance/store/backends.js';

let client: MongoClient;
let from: Db;

beforeEach(async () => {
  client = await new MongoClient(url).connect();
  from = client.db(randomDatabase());
});
afterEach(async () => {
  await client.close();
  await dropDatabase(url, from.databaseName);
});

describe('a walk through a collection', () => {
  const ids = async (name: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const one of walk(from.collection(name))) found.push(BSON.deserialize(one)._id);
    return found;
  };

  test('meets every document once, by whatever it is named, page after page', async () => {
    const kinds: ((n: number) => unknown)[] = [
      ...[(n: number) => ObjectId.createFromTime(n + 1), (n: number) => `name ${n}`, (n: number) => ({ a: n, b: 'x' }), (n: number) => n],
      ...[(n: number) => new BSON.Binary(Buffer.from(`b${n}`)), (n: number) => new Date(1_000 * (n - 3))],
    ];
    const documents = kinds.flatMap((kind, at) => Array.from({ length: at < 2 ? 2_300 : 7 }, (_, n) => ({ _id: kind(n) as never, n })));
    documents.push({ _id: true as never, n: 0 }, { _id: -3.5 as never, n: 0 }, { _id: '' as never, n: 0 });
    await from.collection('mixed').insertMany(documents);
    const found = (await ids('mixed')).map((id) => BSON.EJSON.stringify({ id }));
    expect(found.length).toBe(documents.length);
    expect(new Set(found)).toEqual(new Set(documents.map(({ _id }) => BSON.EJSON.stringify({ id: _id }))));
  });

  test('meets what is there all the while, whatever is inserted, changed and removed meanwhile', async () => {
    const collection = from.collection<{ _id: ObjectId; n: number }>('busy');
    const there = Array.from({ length: 3_500 }, (_, n) => ({ _id: new ObjectId(), n }));
    await collection.insertMany(there);
    const found: string[] = [];
    const removed = new Set<string>();
    for await (const one of walk(collection as never)) {
      const { _id } = BSON.deserialize(one) as { _id: ObjectId };
      found.push(_id.toHexString());
      const gone = found.length % 500 === 1 ? there[found.length + 700] : undefined;
      if (!gone) continue;
      removed.add(gone._id.toHexString());
      await collection.deleteOne({ _id: gone._id });
      await collection.updateMany({}, { $inc: { n: -7 } });
      await collection.insertMany([
        { _id: new ObjectId(), n: 0 },
        { _id: ObjectId.createFromTime(found.length), n: 0 },
      ]);
    }
    expect(removed.size).toBeGreaterThan(3);
    expect(new Set(found).size).toBe(found.length);
    const seen = new Set(found);
    expect(there.filter(({ _id }) => !removed.has(_id.toHexString()) && !seen.has(_id.toHexString()))).toEqual([]);
  });
});

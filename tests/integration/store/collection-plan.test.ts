import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CommandStartedEvent, type Db, type Document, MongoClient } from 'mongodb';
import { MongoCollection } from '../../../src/store/mongo/collection.js';
import { CollectionDocuments } from '../../../src/store/mongo/collection-document.js';
import { buildCollection } from '../../../src/store/mongo/collection-indexes.js';
import { recordsOf } from '../../conformance/store/arbitrary.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { statedCollections } from '../../conformance/store/stated.js';
import { planOf } from './plans.js';

const count = 3_000;

const asking = statedCollections.flatMap((definition) =>
  Object.keys(definition.queries).map((query) => ({ definition, name: definition.name, query })),
);

describe('the plans of what stated collections are asked', () => {
  const database = randomDatabase();
  let client: MongoClient;
  let db: Db;
  let finds: Document[] = [];

  beforeAll(async () => {
    client = await new MongoClient(mongoUrl, { monitorCommands: true, ignoreUndefined: true }).connect();
    client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
      if (commandName === 'find') finds.push({ ...command });
    });
    db = client.db(database);
    for (const definition of statedCollections) {
      await buildCollection(db, definition);
      const documents = new CollectionDocuments(definition);
      const made = fc.sample(recordsOf(definition), { numRuns: count, seed: 4711 }).map((record) => documents.document(record));
      // Some of them collide, and are not needed.
      await db
        .collection(definition.name)
        .insertMany(made, { ordered: false })
        .catch((error: { code?: number }) => expect(error.code).toBe(11000));
    }
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(mongoUrl, database);
  });

  test.each(asking)('$query of $name reads an index alone, a page a place of it', async ({ definition, query }) => {
    const { equal, range, index } = definition.queries[query]!;
    const collection = new MongoCollection(db, definition, { maxTimeMS: 20_000 });
    const documents = new CollectionDocuments(definition);
    const present = Object.fromEntries(equal.map((field) => [field, { $exists: true }]));
    const [one] = await db.collection(definition.name).find(present).limit(1).toArray();
    const record = documents.record(one!);
    const where = Object.fromEntries(equal.map((field) => [field, record[field]]));
    const bounded = Object.keys(definition.indexes[index]!.on)[equal.length];
    finds = [];
    await collection.find(query, { where, limit: 10 });
    await collection.find(query, { where, limit: 10, after: record });
    if (range) await collection.find(query, { where, limit: 10, from: record[bounded!] });
    await collection.removeWhere(query, { where }, 1);
    expect(finds).toHaveLength(range ? 4 : 3);
    for (const find of finds) {
      // After the only record of an order there is none: it is asked for by no key.
      if (JSON.stringify(find.filter).includes('"$in":[]')) continue;
      const { indexes } = await planOf(db, find);
      expect({ find: find.filter, indexes }).toEqual({ find: find.filter, indexes: [expect.any(String)] });
    }
  });
});

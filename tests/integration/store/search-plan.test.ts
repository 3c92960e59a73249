import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Db, type Document, MongoClient, ObjectId } from 'mongodb';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { planOf } from './plans.js';

const scopeCount = 100;
const inEach = 200;
const scopes = Array.from({ length: scopeCount }, (_, at) => new ObjectId((at + 1).toString(16).padStart(24, '0')));

/** In every scope every message has `everywhere`, one in ten `common`, and one of all messages `rare`. */
const documents = function* (): Iterable<Document> {
  for (let at = 0; at < scopeCount * inEach; at++) {
    const number = Math.floor(at / scopeCount);
    yield {
      scope: scopes[at % scopeCount]!,
      kind: 'message',
      created_at: new Date(1.7e12 + at * 1_000),
      terms: ['everywhere', `word${at % 977}`, `other${at % 1_201}`, ...(number % 10 ? [] : ['common']), ...(at === 777 ? ['rare'] : [])],
    };
  }
};

describe('a search by scopes', () => {
  const database = randomDatabase();
  const byTerms = 'scope_1_kind_1_terms_1_created_at_-1__id_-1';
  let client: MongoClient;
  let db: Db;
  beforeAll(async () => {
    client = await new MongoClient(mongoUrl).connect();
    db = client.db(database);
    await db.collection('search').createIndex({ scope: 1, kind: 1, terms: 1, created_at: -1, _id: -1 });
    const all = [...documents()];
    for (let from = 0; from < all.length; from += 1_000) await db.collection('search').insertMany(all.slice(from, from + 1_000));
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(mongoUrl, database);
  });

  const find = (scope: unknown, term: string, more: Document): Document => ({
    find: 'search',
    filter: { scope, kind: 'message', terms: { $all: [term] } },
    ...more,
  });
  const newestFirst = { created_at: -1, _id: -1 };

  test('of one scope reads the newest in the order of the index, no more than it answers', async () => {
    const plan = await planOf(db, find(scopes[5], 'everywhere', { sort: newestFirst, limit: 20 }));
    expect(plan).toMatchObject({ indexes: [byTerms], returned: 20 });
    expect(plan.examined).toBeLessThanOrEqual(21);
  });

  test('of a hundred scopes at once, in no order, reads what it answers and a place a scope', async () => {
    const rare = await planOf(db, find({ $in: scopes }, 'rare', { limit: 1_000 }));
    expect(rare).toMatchObject({ indexes: [byTerms], returned: 1 });
    expect(rare.examined).toBeLessThanOrEqual(2 * scopeCount + 1);
    const everywhere = await planOf(db, find({ $in: scopes }, 'everywhere', { limit: 1_000 }));
    expect(everywhere).toMatchObject({ indexes: [byTerms], returned: 1_000 });
    expect(everywhere.examined).toBeLessThanOrEqual(1_000 + 2 * scopeCount);
  });
});

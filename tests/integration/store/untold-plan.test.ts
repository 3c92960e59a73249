import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Db, type Document, MongoClient, ObjectId } from 'mongodb';
import { newId } from '../../../src/kernel/ids.js';
import { buildIndexes } from '../../../src/store/mongo/indexes.js';
import { MongoMemberships } from '../../../src/store/mongo/memberships.js';
import { markedBefore } from '../../../src/store/mongo/untold.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { aMembership } from '../../conformance/store/records.js';
import { until } from '../../until.js';
import { planOf } from './plans.js';

/** 4,000 memberships of 100 members, those of 20 of them untold. */
describe('the plans of what is untold', () => {
  const database = randomDatabase();
  const members = Array.from({ length: 100 }, () => newId(Date.now()));
  let client: MongoClient;
  let db: Db;

  beforeAll(async () => {
    client = await new MongoClient(mongoUrl, { ignoreUndefined: true }).connect();
    db = client.db(database);
    await buildIndexes(db);
    const memberships = new MongoMemberships(db, { maxTimeMS: 20_000 });
    await memberships.putMissing(Array.from({ length: 4_000 }, (_, at) => aMembership({ member_id: members[at % 100]! })));
    for (const id of members.slice(20)) await memberships.told(id, await memberships.untold(id, 100));
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(mongoUrl, database);
  });

  const marked = 'member_id_1_untold_1';
  const later = (): number => Date.now() + 5_000;
  const filters: [what: string, filter: () => Document][] = [
    ['those of a member', () => ({ member_id: ObjectId.createFromHexString(members[3]!), untold: { $exists: true } })],
    ['those of all members, marked before', () => ({ untold: markedBefore(later()) })],
    [
      'those of all members from one on',
      () => ({ untold: markedBefore(later()), member_id: { $gt: ObjectId.createFromHexString(members[0]!) } }),
    ],
  ];

  test.each(filters)('%s are found by the index of untold ones alone', async (_, filter) => {
    await until('the index to be used', async () => {
      const { indexes, returned } = await planOf(db, { find: 'memberships', filter: filter(), sort: { member_id: 1 } });
      expect(returned).toBeGreaterThan(0);
      return indexes.length === 1 && indexes[0] === marked;
    });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Db, type Document, MongoClient, ObjectId } from 'mongodb';
import { newId } from '../../../src/kernel/ids.js';
import { buildIndexes } from '../../../src/store/mongo/indexes.js';
import { MongoNotifications } from '../../../src/store/mongo/notifications.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { aNotification } from '../../conformance/store/records.js';
import { until } from '../../until.js';
import { planOf } from './plans.js';

/** 6,000 notifications of 100 members in 60 threads of 6 communities, a message for every ten of them; one in three is read. */
describe('the plans of notifications', () => {
  const database = randomDatabase();
  const ids = (count: number): string[] => Array.from({ length: count }, () => newId(Date.now()));
  const [members, threads, communities, messages] = [ids(100), ids(60), ids(6), ids(600)] as const;
  let client: MongoClient;
  let db: Db;

  beforeAll(async () => {
    client = await new MongoClient(mongoUrl, { ignoreUndefined: true }).connect();
    db = client.db(database);
    await buildIndexes(db);
    const notifications = new MongoNotifications(db, { maxTimeMS: 20_000 });
    const all = Array.from({ length: 6_000 }, (_, at) => {
      const [message, thread] = [at % 600, at % 60];
      const place = { thread_id: threads[thread]!, community_id: communities[thread % 6]!, message_id: messages[message]! };
      return aNotification({ ...place, member_id: members[(at * 7) % 100]!, kind: at % 2 ? 'mention' : 'reply', created_at: 1.7e12 + at });
    });
    const added = await notifications.insert(all);
    await notifications.markRead(
      members[0]!,
      added.filter(({ member_id }, at) => member_id === members[0] && at % 3 === 0).map(({ id }) => id),
      5,
    );
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(mongoUrl, database);
  });

  const oid = (hex: string): ObjectId => ObjectId.createFromHexString(hex);
  const filters: [what: string, expected: string[], filter: () => Document][] = [
    ['those of some messages', ['message_id_1'], () => ({ message_id: { $in: messages.slice(0, 3).map(oid) } })],
    ['those of a thread', ['thread_id_1_member_id_1'], () => ({ thread_id: oid(threads[3]!) })],
    [
      'those of a member in a thread',
      ['thread_id_1_member_id_1', 'member_id_1_unread_1_created_at_-1__id_-1'],
      () => ({ member_id: oid(members[7]!), thread_id: oid(threads[1]!), unread: true }),
    ],
    ['those of a community', ['community_id_1_member_id_1'], () => ({ community_id: oid(communities[2]!) })],
    [
      'those of a member in a community',
      ['community_id_1_member_id_1'],
      () => ({ community_id: oid(communities[1]!), member_id: oid(members[7]!) }),
    ],
    ['what a member has not read', ['member_id_1_unread_1_created_at_-1__id_-1'], () => ({ member_id: oid(members[0]!), unread: true })],
  ];

  test.each(filters)('%s are found by their index', async (_, expected, filter) => {
    // A server that has not looked at what was written may rather read all of it.
    await until('an index to be used', async () => {
      const { indexes, returned } = await planOf(db, { find: 'notifications', filter: filter() });
      expect(returned).toBeGreaterThan(0);
      return indexes.length === 1 && expected.includes(indexes[0]!);
    });
  });
});

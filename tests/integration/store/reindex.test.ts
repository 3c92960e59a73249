import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Db, MongoClient } from 'mongodb';
import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { Present } from '../../../src/store/contracts.js';
import { type ConnectedStore, connectStore } from '../../../src/store/mongo/client.js';
import { Reindex } from '../../../src/workers/reindex.js';
import { SearchIndex } from '../../../src/workers/search-index.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { aMessage, aThread } from '../../conformance/store/records.js';

const database = randomDatabase();
const telemetry = new Telemetry();
const logger = pino({ level: 'silent' });
let connected: ConnectedStore;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  connected = await connectStore({ url: mongoUrl, database, clock: systemClock, telemetry, logger });
  client = await new MongoClient(mongoUrl).connect();
  db = client.db(database);
});
afterAll(async () => {
  await connected.close();
  await client.close();
  await dropDatabase(mongoUrl, database);
});

test('an index of an earlier release is brought over beside searches, and several may do it at once', async () => {
  const { store } = connected;
  const community_id = newId(Date.now());
  const thread = aThread({ community_id });
  await store.threads.insert(thread);
  const messages = Array.from({ length: 1_300 }, (_, at) =>
    aMessage({ community_id, thread_id: thread.id, seq: at + 1, rev: at + 1, content: `configuration ${at}` }),
  );
  for (let from = 0; from < messages.length; from += 500) await store.messages.append(messages.slice(from, from + 500));
  const index = new SearchIndex(store);
  await index.follow([{ thread, messages }]);
  await index.settled([{ thread, first: true }]);
  // As the release before wrote it: without heads and without a version.
  await db
    .collection('search')
    .updateMany({}, [
      { $set: { terms: { $filter: { input: '$terms', cond: { $ne: [{ $substrBytes: ['$$this', 0, 1] }, '^'] } } } } },
      { $unset: 'terms_version' },
    ]);
  const present: Present = async (some) => {
    const texts = await store.messages.texts(some.map(({ id }) => id));
    return new Map(texts.map(({ id, content, rev }) => [id, { text: content, rev }]));
  };
  const find = (q: string) => store.search.find({ kind: 'message', q, scopes: [community_id] }, { place: { skip: 0 }, limit: 50 }, present);
  expect((await find('config')).hits).toEqual([]);
  expect((await find('configuration')).hits).toHaveLength(50);
  const jobs = [1, 2].map(() => new Reindex({ store, clock: systemClock, logger, telemetry }));
  for (const job of jobs) expect(await job.run(1)).toBe(false);
  expect((await find('configuration')).hits).toHaveLength(50);
  await Promise.all(
    jobs.map(async (job) => {
      while (!(await job.run(5_000)));
    }),
  );
  expect((await find('config')).hits).toHaveLength(50);
  expect((await store.search.indexed(null, 2_000)).filter(({ isCurrent }) => !isCurrent)).toEqual([]);
});

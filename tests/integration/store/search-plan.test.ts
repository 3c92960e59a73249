import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommandStartedEvent, type Db, type Document, MongoClient } from 'mongodb';
import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { Present, SearchQuery } from '../../../src/store/contracts.js';
import { MessageCommit } from '../../../src/store/mongo/commit.js';
import { buildIndexes } from '../../../src/store/mongo/indexes.js';
import type { MessageDocument } from '../../../src/store/mongo/message-document.js';
import { MongoMessages } from '../../../src/store/mongo/messages.js';
import { MongoProgress } from '../../../src/store/mongo/progress.js';
import { MongoSearch } from '../../../src/store/mongo/search.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { aMessage, aSearchRecord } from '../../conformance/store/records.js';
import { planOf } from './plans.js';

const scopeCount = 100;
const inEach = 200;
/** Closed threads, each a scope of its own. */
const closedCount = 200;
const inEachClosed = 10;
const bound = { maxTimeMS: 20_000 };

describe('the plans of reads by scope', () => {
  const database = randomDatabase();
  const scopes = Array.from({ length: scopeCount }, () => newId(Date.now()));
  const closed = Array.from({ length: closedCount }, () => newId(Date.now()));
  const author = newId(Date.now());
  let client: MongoClient;
  let db: Db;
  let search: MongoSearch;
  let messages: MongoMessages;
  /** Each `find` that was sent to a collection since the last look. */
  let finds: Document[] = [];

  beforeAll(async () => {
    client = await new MongoClient(mongoUrl, { monitorCommands: true, ignoreUndefined: true }).connect();
    client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
      if (commandName === 'find') finds.push({ ...command });
    });
    db = client.db(database);
    await buildIndexes(db);
    search = new MongoSearch(db, new MongoProgress(db, bound), systemClock, bound);
    const collection = db.collection<MessageDocument>('messages');
    const parts = { messages: collection, bound, clock: systemClock, telemetry: new Telemetry(), logger: pino({ level: 'silent' }) };
    messages = new MongoMessages(collection, new MessageCommit(parts), bound);
    // Every text has `everywhere`, one in ten of each scope `common`, and one of all `rare`. An author wrote half of them.
    const numbers = Array.from({ length: scopeCount * inEach }, (_, at) => at);
    const textOf = (at: number): string =>
      ['everywhere', `word${at % 977}`, ...(Math.floor(at / scopeCount) % 10 ? [] : ['common']), ...(at === 777 ? ['rare'] : [])].join(' ');
    for (let from = 0; from < numbers.length; from += 1_000) {
      const some = numbers
        .slice(from, from + 1_000)
        .map((at) => ({ at, place: { community_id: scopes[at % scopeCount]!, created_at: 1.7e12 + at } }));
      await search.index(some.map(({ at, place }) => aSearchRecord({ ...place, text: textOf(at) })));
      await messages.append(some.map(({ at, place }) => aMessage({ ...place, ...(at % 2 === 0 && { author }) })));
    }
    await search.index(
      Array.from({ length: closedCount * inEachClosed }, (_, at) => {
        const scope = closed[at % closedCount]!;
        const text = `everywhere ${at === 777 ? 'rare' : ''} ${at % 40 === 0 ? 'common' : ''}`;
        return aSearchRecord({ community_id: scopes[at % scopeCount]!, thread_id: scope, scope, created_at: 1.7e12 + 7 * at, text });
      }),
    );
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(mongoUrl, database);
  });

  const everything: Present = async (candidates) => new Map(candidates.map(({ id }) => [id, { text: 'everywhere common rare', rev: 1 }]));
  /** Carries a search out, and each of its commands again to hear how. */
  const plansOf = async (work: () => Promise<unknown>) => {
    finds = [];
    await work();
    const sent = finds;
    return Promise.all(sent.map(async (find) => ({ find, plan: await planOf(db, find) })));
  };
  const found = (q: string, places: readonly string[], more: Partial<SearchQuery> = {}, limit = 20) =>
    plansOf(() => search.find({ kind: 'message', q, scopes: places, ...more }, { place: { skip: 0 }, limit }, everything));
  const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

  const byTerms = 'scope_1_kind_1_terms_1_created_at_-1__id_-1';
  const byTime = 'scope_1_kind_1_created_at_-1__id_-1';

  test('of a few scopes the newest are read in the order of the index, no more than come', async () => {
    for (const count of [1, 3, 8]) {
      const plans = await found('everywhere', scopes.slice(0, count));
      expect(plans.length).toBeLessThanOrEqual(3 * count);
      for (const { find, plan } of plans) {
        expect(plan.indexes).toEqual([byTerms]);
        expect(plan.examined).toBeLessThanOrEqual(find.limit + 1);
      }
    }
  });

  test('of many scopes a rare word is read at once, and costs a place a scope', async () => {
    const plans = await found('rare', scopes);
    // The word itself, and what begins like it.
    expect(plans).toHaveLength(2);
    for (const { plan } of plans) {
      expect(plan).toMatchObject({ indexes: [byTerms], returned: 1 });
      expect(plan.examined).toBeLessThanOrEqual(2 * scopeCount + 1);
    }
  });

  test('of many scopes a frequent word costs a thousand keys at most, and then a short read a scope', async () => {
    const plans = await found('everywhere', scopes);
    expect(new Set(plans.flatMap(({ plan }) => plan.indexes))).toEqual(new Set([byTerms]));
    expect(sum(plans.map(({ plan }) => plan.examined))).toBeLessThanOrEqual(1_000 + 2 * scopeCount + 25 * scopeCount);
    expect(plans.length).toBeLessThanOrEqual(2 * scopeCount);
  });

  test('of communities and closed threads, as many as one search looks through, each hundred costs the same', async () => {
    const all = [...scopes, ...closed];
    for (const [q, most] of [
      ['rare', 2 * all.length + 2],
      ['common', 3_000 + 2 * all.length],
      ['everywhere', 3_000 + 2 * scopeCount + 25 * all.length],
    ] as const) {
      const plans = await found(q, all);
      expect(new Set(plans.flatMap(({ plan }) => plan.indexes))).toEqual(new Set([byTerms]));
      expect(sum(plans.map(({ plan }) => plan.examined))).toBeLessThanOrEqual(most);
      for (const { find } of plans) expect((find.filter.$and[0].scope.$in ?? [0]).length).toBeLessThanOrEqual(100);
    }
  });

  test('what has no term to look up goes by time', async () => {
    const plans = await found('"the"', scopes.slice(0, 2));
    expect(plans.length).toBeGreaterThan(0);
    for (const { find, plan } of plans) {
      expect(plan.indexes).toEqual([byTime]);
      expect(plan.examined).toBeLessThanOrEqual(find.limit + 1);
    }
  });

  test('what somebody wrote in some communities costs what is asked for', async () => {
    for (const count of [1, 5, 50, 100]) {
      const plans = await plansOf(async () => {
        for await (const _ of messages.writtenBy(author, scopes.slice(0, count), { wanted: 2 })) break;
      });
      expect(new Set(plans.flatMap(({ plan }) => plan.indexes))).toEqual(new Set(['author_1_community_id_1_created_at_-1__id_-1']));
      expect(sum(plans.map(({ plan }) => plan.examined))).toBeLessThanOrEqual(200 + 6 * count);
    }
  });
});

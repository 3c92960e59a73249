import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommandStartedEvent, type Db, type Document, MongoClient } from 'mongodb';
import type { Audience } from '../../../src/authority/closure.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { newId } from '../../../src/kernel/ids.js';
import { buildIndexes } from '../../../src/store/mongo/indexes.js';
import { MongoThreads } from '../../../src/store/mongo/threads.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { aThread } from '../../conformance/store/records.js';
import { planOf } from './plans.js';

const openCount = 2_000;
const closedCount = 1_000;
const smallCommunities = 299;

describe('the plans of reads of threads that not everybody sees', () => {
  const database = randomDatabase();
  const anId = () => newId(Date.now());
  const [large, elsewhere, ada, eve, gardener] = [anId(), anId(), anId(), anId(), anId()];
  const small = Array.from({ length: smallCommunities }, anId);
  let client: MongoClient;
  let db: Db;
  let threads: MongoThreads;
  let commands: Document[] = [];

  /** Closed to everyone but two; ada is one of them in every tenth, gardeners in every fiftieth. */
  const closed = (communityId: string, at: number): OverrideRecord[] => [
    { subject: `role:${communityId}`, allow: [], deny: ['view'] },
    { subject: `member:${at % 10 === 0 ? ada : anId()}`, allow: ['view'], deny: [] },
    { subject: at % 50 === 1 ? `role:${gardener}` : `member:${anId()}`, allow: ['view'], deny: [] },
  ];

  beforeAll(async () => {
    client = await new MongoClient(mongoUrl, { monitorCommands: true, ignoreUndefined: true }).connect();
    client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
      if (commandName === 'find') commands.push({ ...command });
    });
    db = client.db(database);
    await buildIndexes(db);
    threads = new MongoThreads(db, { maxTimeMS: 20_000 });
    // One community with many; of each three threads in a row one is closed. And many with two closed ones each.
    await threads.putMissing(
      Array.from({ length: openCount + closedCount }, (_, at) =>
        aThread({ community_id: large, last_activity: 1.7e12 + at, ...(at % 3 === 0 && { overrides: closed(large, at / 3) }) }),
      ),
    );
    // Others are as busy, elsewhere.
    await threads.putMissing(Array.from({ length: 2_000 }, (_, at) => aThread({ community_id: elsewhere, last_activity: 1.8e12 + at })));
    await threads.putMissing(
      small.flatMap((community_id, at) =>
        [2 * at, 2 * at + 1].map((n) => aThread({ community_id, last_activity: 1.6e12 + n, overrides: closed(community_id, n) })),
      ),
    );
  });
  afterAll(async () => {
    await client.close();
    await dropDatabase(mongoUrl, database);
  });

  const plansOf = async (work: () => Promise<unknown>) => {
    commands = [];
    const answer = await work();
    const sent = commands;
    const plans = await Promise.all(sent.map(async (find) => ({ find, plan: await planOf(db, find) })));
    return { answer: answer as { id: string }[], plans };
  };
  const asMember = (member: string, roles: string[] = []): Audience => ({ member, roles });
  const byActivity = 'community_id_1_is_pinned_-1_last_activity_-1__id_1';

  test('a page of a list walks one index in its order, past what its reader may not view', async () => {
    for (const [audience, most] of [
      ['everybody', 51],
      [asMember(eve), 80],
      [asMember(ada, [gardener]), 80],
      [{ member: null, roles: [] }, 80],
    ] satisfies [Audience, number][]) {
      const { answer, plans } = await plansOf(() => threads.listByCommunity(large, { limit: 51 }, audience));
      expect(answer).toHaveLength(51);
      // The pinned ones, of which there are none, and the others.
      expect(plans).toHaveLength(2);
      for (const { plan } of plans) {
        expect(plan.indexes).toEqual([byActivity]);
        expect(plan.examined).toBeLessThanOrEqual(most);
      }
    }
  });

  test('closed threads are found by whom they are seen, in one command, however many there are', async () => {
    const everywhere = (audience: Audience) => new Map([large, ...small].map((id) => [id, audience]));
    for (const [audiences, count, most] of [
      [everywhere(asMember(eve)), 0, 1],
      [everywhere(asMember(ada)), 160, 161],
      [everywhere(asMember(ada, [gardener])), 192, 193],
      [new Map([[large, 'everybody' as const]]), 300, closedCount + 1],
    ] as const) {
      const { answer, plans } = await plansOf(() => threads.closedSeenBy(audiences, 300));
      expect(answer).toHaveLength(count);
      expect(plans).toHaveLength(1);
      expect(plans[0]!.plan.indexes).toEqual(['seen_by_1']);
      expect(plans[0]!.plan.examined).toBeLessThanOrEqual(most);
    }
  });

  test('where threads stand costs one command for each fifty communities for what is new, and a bounded walk of one index where there is much', async () => {
    const all = (audience: Audience) => new Map([large, ...small.slice(0, 150)].map((id) => [id, audience]));
    const news = await plansOf(() => threads.heads(all(asMember(eve)), { since: 1.7e12 + openCount + closedCount - 30, limit: 501 }));
    expect(news.answer).toHaveLength(20);
    for (const { plan } of news.plans) {
      expect(plan.indexes).toEqual(['community_id_1_last_activity_-1']);
      expect(plan.examined).toBeLessThanOrEqual(31);
    }
    expect(news.plans).toHaveLength(4);
    const many = await plansOf(() => threads.heads(new Map([[large, asMember(eve)]]), { limit: 501 }));
    expect(many.answer).toHaveLength(501);
    for (const { find, plan } of many.plans.filter(({ find }) => find.sort)) {
      expect(plan.indexes).toEqual([byActivity]);
      expect(plan.examined).toBeLessThanOrEqual(2 * Number(find.limit));
    }
  });

  test('closed threads that somebody may not view are found by where they are', async () => {
    const { answer, plans } = await plansOf(() => threads.closedHiddenFrom(new Map(small.map((id) => [id, asMember(eve)])), 1_000));
    expect(answer).toHaveLength(2 * smallCommunities);
    expect(plans[0]!.plan.indexes).toEqual(['community_id_1_hidden_from_1']);
  });

  test('threads that name a member are found by that, and no others are looked at', async () => {
    for (const id of [large, ...small.slice(0, 12)]) {
      const { answer, plans } = await plansOf(() => threads.naming(id, ada, 1_000));
      expect(plans[0]!.plan.indexes).toEqual(['named_1_community_id_1']);
      expect(plans[0]!.plan.examined).toBeLessThanOrEqual(answer.length + 1);
    }
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock.js';
import { randomToken } from '../../../src/kernel/ids.js';
import type { Part } from '../../../src/kernel/lifecycle.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { connectStore } from '../../../src/store/mongo/client.js';
import { createNudge } from '../../../src/workers/nudge.js';
import { queuePrefix } from '../../../src/workers/queues.js';
import { createWorkers } from '../../../src/workers/workers.js';
import { testMongodbUrl, testRedisUrl } from '../../services-env.js';
import { ada, ben, community, id, World } from '../../unit/workers/world.js';
import { until } from '../../until.js';

const redisUrl = testRedisUrl();
const mongoUrl = testMongodbUrl();
const logger = pino({ level: 'silent' });

const eventually = (check: () => Promise<boolean>): Promise<void> => until('it to come true', check);

describe('workers on Redis and MongoDB', () => {
  let world: World;
  let telemetry: Telemetry;
  let prefix: string;
  let redis: Redis;
  let parts: Part[];
  let queues: Queue[];
  let closeStore: () => Promise<void>;

  const start = async <P extends Part>(part: P): Promise<P> => {
    await part.start?.();
    parts.push(part);
    return part;
  };
  const workers = (sweepMs = 3_600_000) =>
    createWorkers({
      redisUrl: redisUrl,
      prefix,
      store: world.store,
      actors: world.actors,
      clock: systemClock,
      logger,
      telemetry,
      sweepMs,
    });
  const nudge = () => createNudge({ redisUrl: redisUrl, prefix, clock: systemClock, logger, telemetry, gatherMs: 20, intervalMs: 100 });
  const queue = (name: string): Queue => {
    const opened = new Queue(name, { connection: redis, prefix: queuePrefix(prefix) });
    queues.push(opened);
    return opened;
  };
  const jobs = async (outcome: string): Promise<number> =>
    (await telemetry.jobs.get()).values.filter((v) => v.labels.outcome === outcome).reduce((sum, v) => sum + v.value, 0);

  beforeEach(async () => {
    prefix = `test-${randomToken(6)}`;
    telemetry = new Telemetry();
    parts = [];
    queues = [];
    redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
    const { store, close } = await connectStore({ url: mongoUrl, database: prefix, clock: systemClock, telemetry, logger });
    closeStore = close;
    world = await new World(store, systemClock).founded();
    for (const t of [1, 2]) await world.thread(id(t), { title: `Thread number ${t}` });
  });

  afterEach(async () => {
    for (const part of parts.reverse()) await part.stop?.();
    for (const opened of queues) await opened.close();
    for (let cursor = '0'; ; ) {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', 1_000);
      if (keys.length > 0) await redis.del(...keys);
      cursor = next;
      if (cursor === '0') break;
    }
    redis.disconnect();
    await closeStore();
    const mongo = await MongoClient.connect(mongoUrl);
    await mongo.db(prefix).dropDatabase();
    await mongo.close();
  });

  test('the index equals the store after sends, edits, deletions and a new title', async () => {
    await start(workers());
    const tell = await start(nudge());
    const messages = [];
    for (let i = 0; i < 20; i++) messages.push(await world.send(id(1 + (i % 2)), ada, `walnut ${i}`));
    for (const t of [1, 2]) tell.changed(id(t));
    await eventually(async () => (await world.find('walnut')).length === 20);
    await world.alter(messages[0]!, { content: 'walnut edited', edited_at: 9 });
    for (const message of messages.slice(10)) await world.delete(message);
    await world.store.threads.update(id(1), { title: 'Renamed', updated_at: 2 });
    for (const t of [1, 2]) tell.changed(id(t));
    await eventually(async () => (await world.find('walnut')).length === 10);
    expect(await world.find('walnut')).toContain('walnut edited');
    expect(await world.find('walnut')).not.toContain('walnut 0');
    await eventually(async () => (await world.find('renamed', 'thread')).length === 1);
    expect(await world.find('number', 'thread')).toEqual(['Thread number 2']);
  });

  test('a thread with more changes than one visit takes is indexed to its end', async () => {
    await start(workers());
    const tell = await start(nudge());
    for (let i = 0; i < 11; i++) await world.sendAll(id(1), ada, Array<string>(500).fill('x'));
    tell.changed(id(1));
    await eventually(async () => (await world.store.search.progress('search', [id(1)])).get(id(1))?.rev === 5_500);
    expect(await jobs('done')).toBeGreaterThan(1);
  });

  test('what rings for nobody is announced to be indexed, not to look for notifications', async () => {
    const tell = await start(nudge());
    tell.changed(id(1), false);
    await eventually(async () => (await queue('search').getWaitingCount()) === 1);
    expect(await queue('notify').getWaitingCount()).toBe(0);
    tell.changed(id(1));
    await eventually(async () => (await queue('notify').getWaitingCount()) === 1);
    await eventually(async () => (await queue('search').getWaitingCount()) === 2);
  });

  test('a nudge that got lost is found by the sweep', async () => {
    await start(workers(300));
    await world.send(id(1), ada, 'unannounced @ben', { mentions: [ben] });
    await eventually(async () => (await world.find('unannounced')).length === 1 && world.told.length === 1);
  });

  test('each notification once, though the work is announced to two workers again and again', async () => {
    await start(workers());
    await start(workers());
    const tell = await start(nudge());
    for (let i = 0; i < 5; i++) {
      await world.send(id(1), ada, `@ben ${i}`, { mentions: [ben] });
      tell.changed(id(1));
      await systemClock.sleep(150);
    }
    await queue('notify').add('visit', { threads: [id(1)] });
    await queue('notify').add('visit', { threads: [id(1), id(2)] });
    await eventually(
      async () => (await jobs('done')) >= 8 && (await queue('notify').getJobCountByTypes('wait', 'active', 'delayed')) === 0,
    );
    expect(world.told).toHaveLength(5);
    expect(await world.store.notifications.list(ben, {}, { limit: 50 })).toHaveLength(5);
  });

  test('changes made while nobody worked are done when somebody does', async () => {
    const tell = await start(nudge());
    await world.send(id(1), ada, 'patience');
    tell.changed(id(1));
    await eventually(async () => (await queue('search').getWaitingCount()) === 1);
    await start(workers());
    await eventually(async () => (await world.find('patience')).length === 1);
  });

  test('a job of a strange shape goes to the dead letters, and the queue goes on', async () => {
    await start(workers());
    await queue('search').add('visit', { threads: ['nothing'] }, { attempts: 5 });
    await world.send(id(1), ada, 'onwards');
    await queue('search').add('visit', { threads: [id(1)] });
    await eventually(async () => (await world.find('onwards')).length === 1);
    await eventually(async () => (await queue('dead').getWaitingCount()) === 1);
    const [letter] = await queue('dead').getWaiting();
    expect(letter?.data).toMatchObject({ queue: 'search', name: 'visit' });
    expect(await jobs('dead')).toBe(1);
  });

  test('when Redis forgets everything, the workers look far back and find what it lost', async () => {
    await start(workers());
    await eventually(async () => (await world.store.search.swept('search')) > 0);
    await world.store.search.setSwept('search', Date.now() + 3_600_000);
    await world.store.search.setSwept('notify', Date.now() + 3_600_000);
    await world.send(id(1), ada, 'forgotten');
    const keys = await redis.keys(`${prefix}:*`);
    await redis.del(...keys);
    await eventually(async () => (await world.find('forgotten')).length === 1);
  });

  test('a deleted thread is cleared away', async () => {
    await start(workers());
    const tell = await start(nudge());
    await world.send(id(1), ada, 'walnut');
    tell.changed(id(1));
    await eventually(async () => (await world.find('walnut')).length === 1);
    await world.store.threads.update(id(1), { deleted_at: Date.now() });
    tell.deleted({ thread_id: id(1) });
    await eventually(async () => (await world.store.messages.head(id(1))).seq === 0);
    expect(await world.find('walnut')).toEqual([]);
    expect(await world.find('thread', 'thread')).toEqual([]);
    expect((await world.store.threads.byId(id(1)))?.floor_seq).toBe(1);
  });

  const bells = async (member = ben): Promise<number> => (await world.store.notifications.list(member, {}, { limit: 50 })).length;

  test('notifications go with the message, the mention, the thread and the membership that they came from', async () => {
    await start(workers());
    const tell = await start(nudge());
    const sent = [];
    for (const t of [1, 1, 1, 2]) sent.push(await world.send(id(t), ada, '@ben', { mentions: [ben] }));
    const about = async (message: { id: string }): Promise<number> => (await world.store.notifications.causedBy([message.id])).length;
    for (const t of [1, 2]) tell.changed(id(t));
    await eventually(async () => (await bells()) === 4);
    await world.delete(sent[0]!);
    await world.alter(sent[1]!, { content: 'nobody', mentions: [], edited_at: 9 });
    tell.changed(id(1));
    await eventually(async () => (await bells()) === 2);
    expect([await about(sent[2]!), await about(sent[3]!)]).toEqual([1, 1]);
    await world.store.threads.update(id(1), { deleted_at: Date.now() });
    tell.deleted({ thread_id: id(1) });
    await eventually(async () => (await bells()) === 1);
    const membership = (await world.store.memberships.get(community, ben))!;
    await world.store.memberships.put({ ...membership, state: 'left', version: membership.version + 1 });
    tell.deleted({ community_id: community, member_id: ben });
    await eventually(async () => (await bells()) === 0);
  });

  test('a deletion whose announcement got lost takes its notifications by the sweep, a membership by the daily clearing', async () => {
    await start(workers(300));
    const tell = await start(nudge());
    const message = await world.send(id(1), ada, '@ben', { mentions: [ben] });
    await world.send(id(2), ada, '@ben', { mentions: [ben] });
    for (const t of [1, 2]) tell.changed(id(t));
    await eventually(async () => (await bells()) === 2);
    await world.delete(message);
    await eventually(async () => (await bells()) === 1);
    const membership = (await world.store.memberships.get(community, ben))!;
    await world.store.memberships.put({ ...membership, state: 'left', version: membership.version + 1 });
    await queue('upkeep').add('clear', {});
    await eventually(async () => (await bells()) === 0);
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { randomToken } from '../../../src/kernel/ids.js';
import type { Part } from '../../../src/kernel/lifecycle.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { SearchRecord, Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { jobOptions, queuePrefix } from '../../../src/workers/queues.js';
import { createWorkers, type WorkersOptions } from '../../../src/workers/workers.js';
import { testRedisUrl } from '../../services-env.js';
import { ada, id, World } from '../../unit/workers/world.js';
import { until } from '../../until.js';

describe('jobs that cannot be done, on Redis', () => {
  const logger = pino({ level: 'silent' });
  let redis: Redis;
  let prefix: string;
  let telemetry: Telemetry;
  let world: World;
  let search: Queue;
  let dead: Queue;
  let parts: Part[];
  /** Threads whose messages cannot be indexed. */
  let poisoned: Set<string>;
  let isStoreAway: boolean;

  beforeEach(async () => {
    prefix = `test-${randomToken(6)}`;
    telemetry = new Telemetry();
    redis = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
    const base = { connection: redis, prefix: queuePrefix(prefix) };
    search = new Queue('search', base);
    dead = new Queue('dead', base);
    parts = [];
    poisoned = new Set();
    isStoreAway = false;
    const store = createMemoryStore({ clock: systemClock });
    const answering = async (): Promise<void> => {
      if (isStoreAway) throw new Fault('unavailable', 'away');
    };
    const guarded = new Proxy(store.search, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          await answering();
          if (name === 'index' && (args[0] as SearchRecord[]).some((record) => poisoned.has(record.thread_id))) throw new Error('poison');
          return value.apply(target, args);
        };
      },
    });
    world = await new World({ ...store, search: guarded, ping: answering } as Store, systemClock).founded();
    for (const t of [1, 2, 3]) {
      await world.thread(id(t), { title: `Thread number ${t}` });
      await world.send(id(t), ada, `walnut ${t}`);
    }
  });

  afterEach(async () => {
    for (const part of parts) await part.stop?.();
    await Promise.all([search.close(), dead.close()]);
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });

  const start = async (options: Partial<WorkersOptions> = {}): Promise<void> => {
    const { store, actors } = world;
    const base = { redisUrl: testRedisUrl(), prefix, store, actors, clock: systemClock, logger, telemetry, sweepMs: 3_600_000 };
    const part = createWorkers({ ...base, ...options });
    await part.start?.();
    parts.push(part);
  };
  const jobs = async (outcome: string): Promise<number> =>
    (await telemetry.jobs.get()).values
      .filter((v) => v.labels.outcome === outcome && v.labels.queue === 'search')
      .reduce((sum, v) => sum + v.value, 0);
  const visit = (...threads: number[]): Promise<unknown> => search.add('visit', { threads: threads.map((t) => id(t)) }, jobOptions);
  const found = async (): Promise<string[]> => (await world.find('walnut')).sort();

  test('a thread that cannot be worked off holds up no other, ends in the dead letters, and is tried again later', async () => {
    poisoned.add(id(2));
    await visit(1, 2, 3);
    await start({ againMs: 3_000 });
    await until('the others are indexed', async () => (await found()).length === 2);
    await until('it is given up', async () => (await dead.getWaitingCount()) === 1);
    const [letter] = await dead.getWaiting();
    expect(letter?.data).toEqual({ queue: 'search', name: 'visit', data: { threads: [id(2)] }, reason: 'poison' });
    expect(await jobs('dead')).toBe(1);
    await until('it is put by', async () => (await search.getDelayed()).some((job) => job.data.again === 1));
    poisoned.clear();
    await until('it is done after all', async () => (await found()).length === 3);
    await until('nothing is left of it', async () => (await search.getJobCountByTypes('waiting', 'active', 'delayed')) === 0);
  });

  test('garbage goes to the dead letters at once, and the queue goes on', async () => {
    await search.add('visit', { threads: 'all of them' }, jobOptions);
    await search.add('visit', { threads: [{ $gt: '' }] }, jobOptions);
    await search.add('visit', 'x'.repeat(50_000), jobOptions);
    await search.add('nonsense', null, jobOptions);
    const unreadable = await search.add('visit', { threads: [id(1)] }, jobOptions);
    await redis.hset(`${queuePrefix(prefix)}:search:${unreadable.id}`, 'data', '{not json');
    await visit(3);
    await start({ stallMs: 300 });
    await until('the good one is done', async () => (await found()).includes('walnut 3'));
    await until('the others are buried', async () => (await dead.getWaitingCount()) === 5);
    await until('nothing is left', async () => (await search.getJobCountByTypes('waiting', 'active', 'delayed')) === 0);
    const letters = await dead.getWaiting();
    expect(letters.every((letter) => JSON.stringify(letter.data).length < 12_000)).toBe(true);
    await visit(2);
    await until('it still works', async () => (await found()).includes('walnut 2'));
  });

  test('a job that ends every process that takes it goes to the dead letters after four of them', async () => {
    await visit(2);
    for (let death = 0; death < 4; death++) {
      let took = false;
      const connection = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
      const options = { connection, prefix: queuePrefix(prefix), lockDuration: 200, stalledInterval: 100, maxStalledCount: 3 };
      const hang = (): Promise<void> => {
        took = true;
        return new Promise(() => undefined);
      };
      const worker = new Worker('search', hang, { ...options, skipLockRenewal: true });
      worker.on('error', () => undefined);
      await until('it is taken', async () => took);
      // As by kill -9: nothing is given back.
      await worker.close(true);
      connection.disconnect();
      await systemClock.sleep(300);
    }
    await start({ stallMs: 200 });
    await visit(3);
    await until('it is buried', async () => (await dead.getWaitingCount()) === 1);
    expect((await dead.getWaiting())[0]?.data).toMatchObject({ data: { threads: [id(2)] } });
    await until('the other is done', async () => (await found()).includes('walnut 3'));
  });

  test('while the store is away jobs wait and lose no try', async () => {
    isStoreAway = true;
    await search.add('visit', { threads: [id(1)] }, { ...jobOptions, attempts: 1 });
    await start();
    await until('it is put off', async () => (await jobs('put_off')) > 0);
    expect(await search.getDelayedCount()).toBe(1);
    expect(await dead.getWaitingCount()).toBe(0);
    isStoreAway = false;
    await until('it is done', async () => (await found()).includes('walnut 1'));
    expect(await jobs('dead')).toBe(0);
  });

  test('dead letters are bounded: the newest stay; and the metrics tell how many there are', async () => {
    for (let n = 0; n < 12; n++) await search.add(`nonsense ${n}`, null, jobOptions);
    await start({ dead: { count: 5 } });
    await until('all are given up', async () => (await jobs('dead')) === 12);
    const newest = [10, 11, 7, 8, 9].map((n) => `nonsense ${n}`).join();
    const names = async (): Promise<string[]> => (await dead.getWaiting()).map((letter) => (letter.data as { name: string }).name);
    await until('the newest five are left', async () => (await names()).sort().join() === newest);
    await until('it is measured', async () =>
      (await telemetry.queueDepth.get()).values.some((v) => v.labels.queue === 'dead' && v.value === 5),
    );
  });
});

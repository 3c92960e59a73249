import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { type Clock, FakeClock } from '../../../src/kernel/clock.js';
import { randomToken } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { QueueConsumer } from '../../../src/workers/consumer.js';
import { DeadJobs } from '../../../src/workers/dead-jobs.js';
import { jobOptions, queuePrefix } from '../../../src/workers/queues.js';
import { QueueConnection } from '../../../src/workers/redis/connection.js';
import { OwnRedis } from '../../cluster/own-redis.js';
import { until } from '../../until.js';

interface Line {
  msg: string;
  failures?: number;
  for_ms?: number;
}

/** What makes a Redis refuse writes, and what ends that. Nothing listens on port 1. */
const refusals = {
  NOREPLICAS: { begin: ['config', 'set', 'min-replicas-to-write', '1'], end: ['config', 'set', 'min-replicas-to-write', '0'] },
  OOM: { begin: ['config', 'set', 'maxmemory', '1'], end: ['config', 'set', 'maxmemory', '0'] },
  READONLY: { begin: ['replicaof', '127.0.0.1', '1'], end: ['replicaof', 'no', 'one'] },
} as const;
type Refusal = keyof typeof refusals;

describe('a Redis that refuses writes', () => {
  let own: OwnRedis;
  let redis: Redis;
  let connection: QueueConnection;
  let dead: DeadJobs;
  let consumer: QueueConsumer;
  let clock: FakeClock;
  /** How long the worker has been told to wait, in ms, wait by wait. */
  let rests: number[];
  let lines: Line[];
  let done: string[];
  let handle: (name: string) => Promise<void>;
  let toKey: (type: string) => string;

  beforeAll(async () => {
    own = await OwnRedis.start();
    redis = new Redis(own.url, { maxRetriesPerRequest: null });
  });

  afterAll(async () => {
    redis.disconnect();
    await own.stop();
  });

  beforeEach(() => {
    const prefix = `test-${randomToken(6)}`;
    lines = [];
    rests = [];
    done = [];
    handle = async (name) => void done.push(name);
    clock = new FakeClock(Date.now());
    const noting: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      every: (ms, run) => clock.every(ms, run),
      sleep: (ms) => clock.sleep(ms),
      after: (ms, run) => {
        rests.push(ms);
        return clock.after(ms, run);
      },
    };
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
    connection = new QueueConnection(own.url, logger);
    dead = new DeadJobs(connection, prefix);
    const parts = { redis: connection, dead, prefix, logger, clock: noting, telemetry: new Telemetry(), concurrency: 1 };
    const options = { ...parts, isStoreAway: async () => false, stallMs: 300 };
    consumer = new QueueConsumer('search', options, (name) => handle(name));
    toKey = (type) => `${queuePrefix(prefix)}:search:${type}`;
  });

  afterEach(async () => {
    for (const { end } of Object.values(refusals)) await command(end);
    await consumer.stop();
    await dead.close();
    connection.closeAll();
    await redis.flushall();
  });

  const command = ([name, ...args]: readonly [string, ...string[]]): Promise<unknown> => redis.call(name, args);
  const add = async (...names: string[]): Promise<void> => {
    for (const name of names) await consumer.queue.add(name, {}, jobOptions);
  };
  const stumbles = (): Line[] => lines.filter((line) => line.msg.startsWith('a worker stumbled'));
  const told = (): string[] => lines.map((line) => line.msg);
  /** The worker has met the refusal so many times, and waits. */
  const resting = (times: number): Promise<void> =>
    until(
      `rest number ${times}`,
      () => rests.length === times,
      () => {
        if (stumbles().length > 10) throw new Error(`${stumbles().length} lines of the log within rest number ${times}`);
      },
    );
  const restEnds = (): Promise<void> => clock.advance(rests.at(-1)!);
  const isOver = (): Promise<void> => until('the spell to be over', () => told().includes('a worker goes on'));

  test.each(Object.keys(refusals) as Refusal[])('%s: is asked again after waits that grow, and told of twice', async (refusal) => {
    await add('a', 'b', 'c');
    await command(refusals[refusal].begin);
    consumer.start();
    for (let time = 1; time <= 12; time++) {
      await resting(time);
      await restEnds();
    }
    await resting(13);
    expect(done).toEqual([]);
    for (const [i, ms] of rests.entries()) {
      const most = Math.min(5_000, 100 * 2 ** i);
      expect(ms).toBeGreaterThanOrEqual(most / 2);
      expect(ms).toBeLessThanOrEqual(most);
    }
    await command(refusals[refusal].end);
    await restEnds();
    await isOver();
    await until('all to be done', () => done.length === 3);
    expect(done).toEqual(['a', 'b', 'c']);
    expect(told()).toEqual(['a worker stumbled; it waits and tries on', 'a worker goes on']);
    expect(lines[1]!.for_ms).toBe(rests.reduce((sum, ms) => sum + ms, 0));
    expect(lines[1]!.failures).toBeGreaterThanOrEqual(13);
  });

  test('a worker that had nothing to do, and a delayed job that falls due meanwhile', async () => {
    consumer.start();
    await add('first');
    await until('it to be done', () => done.length === 1);
    await consumer.queue.add('delayed', {}, { ...jobOptions, delay: 500 });
    await command(refusals.NOREPLICAS.begin);
    for (let time = 1; time <= 5; time++) {
      await resting(time);
      await restEnds();
    }
    await resting(6);
    await command(refusals.NOREPLICAS.end);
    await restEnds();
    await until('it to be done', () => done.length === 2);
    await isOver();
    expect(told()).toEqual(['a worker stumbled; it waits and tries on', 'a worker goes on']);
  });

  test('the next spell begins with a short wait, and has lines of its own', async () => {
    await add('a');
    consumer.start();
    for (let spell = 1; spell <= 2; spell++) {
      await until('it to be done', () => done.length === spell);
      await consumer.queue.add('next', {}, { ...jobOptions, delay: 300 });
      await command(refusals.NOREPLICAS.begin);
      for (let time = 1; time <= 4; time++) {
        await resting(time);
        await restEnds();
      }
      await resting(5);
      expect(rests[0]).toBeLessThanOrEqual(100);
      await command(refusals.NOREPLICAS.end);
      await restEnds();
      await until('the spell to be over', () => told().length === 2 * spell);
      rests = [];
    }
    await until('the last to be done', () => done.length === 3);
  });

  test('a job that was under way is not lost: it is done again', async () => {
    handle = async (name) => {
      if (done.push(name) === 1) await command(refusals.NOREPLICAS.begin);
    };
    await add('under way', 'behind');
    consumer.start();
    await resting(1);
    expect(done).toEqual(['under way']);
    await command(refusals.NOREPLICAS.end);
    await restEnds();
    await until('both to be done', () => done.length === 3);
    expect(done.sort()).toEqual(['behind', 'under way', 'under way']);
    await until('nothing to be left', async () => (await redis.exists(toKey('active'), toKey('wait'))) === 0);
    expect(await dead.count()).toBe(0);
  });

  test('stopping does not wait for the end of a rest', async () => {
    await add('a');
    await command(refusals.NOREPLICAS.begin);
    consumer.start();
    for (let time = 1; time <= 8; time++) {
      await resting(time);
      await restEnds();
    }
    await resting(9);
    await consumer.stop();
    expect(rests).toHaveLength(9);
    expect(told()).toEqual(['a worker stumbled; it waits and tries on']);
    expect(await redis.llen(toKey('wait'))).toBe(1);
  });
});

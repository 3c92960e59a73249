import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock.js';
import { randomToken } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { QueueConsumer, type Turn } from '../../../src/workers/consumer.js';
import { DeadJobs } from '../../../src/workers/dead-jobs.js';
import { jobOptions } from '../../../src/workers/queues.js';
import { QueueConnection } from '../../../src/workers/redis/connection.js';
import { testRedisUrl } from '../../services-env.js';
import { until } from '../../until.js';

let redis: QueueConnection;
let dead: DeadJobs;
let consumer: QueueConsumer;
let turns: Map<string, Turn>;
let now: number;

beforeEach(() => {
  const logger = pino({ level: 'silent' });
  const prefix = `test-${randomToken(6)}`;
  redis = new QueueConnection(testRedisUrl(), logger);
  dead = new DeadJobs(redis, prefix);
  turns = new Map();
  now = systemClock.now();
  const clock = { ...systemClock, now: () => now };
  const parts = { redis, dead, prefix, logger, clock, telemetry: new Telemetry(), concurrency: 1, isStoreAway: async () => false };
  consumer = new QueueConsumer('search', parts, async (name, _data, turn) => void turns.set(name, turn));
});

afterEach(async () => {
  await consumer.queue.obliterate({ force: true });
  await consumer.stop();
  await dead.close();
  redis.closeAll();
});

test('a job is handed out with how long it has waited, without the time that it was meant to wait', async () => {
  await consumer.queue.add('behind', {}, { ...jobOptions, timestamp: now - 40_000 });
  await consumer.queue.add('again', {}, { ...jobOptions, timestamp: now - 40_000, delay: 30_000 });
  // Made by a node whose clock is ahead.
  await consumer.queue.add('ahead', {}, { ...jobOptions, timestamp: now + 40_000 });
  consumer.start();
  await until('all to be handed out', () => turns.size === 3);
  expect(Object.fromEntries([...turns].map(([name, { waitedMs }]) => [name, waitedMs]))).toEqual({
    behind: 40_000,
    again: 10_000,
    ahead: 0,
  });
});

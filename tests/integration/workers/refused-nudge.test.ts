import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Nudge } from '../../../src/actors/domain/ports.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Part } from '../../../src/kernel/lifecycle.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { createNudge } from '../../../src/workers/nudge.js';
import { queuePrefix } from '../../../src/workers/queues.js';
import { OwnRedis } from '../../cluster/own-redis.js';
import { id } from '../../unit/workers/world.js';
import { until } from '../../until.js';

interface Line {
  msg: string;
  queue?: string;
}

let own: OwnRedis;
let redis: Redis;
let nudge: Nudge & Part;
let clock: FakeClock;
/** How long the next flush has been put off, in ms, time by time. */
let waits: number[];
let lines: Line[];

beforeEach(async () => {
  own = await OwnRedis.start();
  redis = new Redis(own.url, { maxRetriesPerRequest: null });
  clock = new FakeClock();
  waits = [];
  lines = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  const noting = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    every: (ms: number, run: () => void) => clock.every(ms, run),
    sleep: (ms: number) => clock.sleep(ms),
    after: (ms: number, run: () => void) => {
      waits.push(ms);
      return clock.after(ms, run);
    },
  };
  nudge = createNudge({ redisUrl: own.url, prefix: 'test', clock: noting, logger, telemetry: new Telemetry() });
  await nudge.start?.();
});

afterEach(async () => {
  await nudge.stop?.();
  redis.disconnect();
  await own.stop();
});

/** The flush that is due, and all that follows from it. */
const flush = async (): Promise<void> => {
  const before = waits.length;
  await clock.advance(waits.at(-1)!);
  await until('the next to be put off', () => waits.length > before);
};
const told = (): string[] => lines.map(({ msg, queue }) => `${queue}: ${msg}`).sort();
const waiting = (name: string): Promise<number> => redis.llen(`${queuePrefix('test')}:${name}:wait`);

test('what could not be announced is told of once a spell, and announced when Redis takes it', async () => {
  await redis.config('SET', 'min-replicas-to-write', '1');
  nudge.changed(id(1));
  await until('both queues to be refused', async () => {
    await flush();
    return lines.length >= 2;
  });
  for (let time = 1; time <= 5; time++) await flush();
  const changes = 'could not announce changes to the workers; trying on';
  expect(told()).toEqual([`notify: ${changes}`, `search: ${changes}`]);
  nudge.deleted({ thread_id: id(2) });
  for (let time = 1; time <= 5; time++) await flush();
  const deletions = 'could not announce deletions to the workers; trying on';
  expect(told()).toEqual([`notify: ${changes}`, `search: ${changes}`, `upkeep: ${deletions}`]);

  lines = [];
  await redis.config('SET', 'min-replicas-to-write', '0');
  await clock.advance(10_000);
  await until('all to be announced', async () => {
    await clock.advance(1_000);
    return lines.length === 3;
  });
  expect(told()).toEqual(['notify', 'search', 'upkeep'].map((name) => `${name}: announced to the workers again`));
  expect(await Promise.all(['search', 'notify', 'upkeep'].map(waiting))).toEqual([1, 1, 1]);
});

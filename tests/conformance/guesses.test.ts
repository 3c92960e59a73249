import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { MemoryGuesses } from '../../src/gateway/limits/guesses.js';
import { guessing, waitAfter } from '../../src/gateway/limits/guessing.js';
import type { Guesses } from '../../src/gateway/ports.js';
import { RedisGuesses } from '../../src/gateway/redis/redis-guesses.js';
import { systemClock } from '../../src/kernel/clock.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';

interface Place {
  name: string;
  /** Two that count together. */
  open(): Promise<{ nodes: [Guesses, Guesses]; close(): void }>;
}

const memory: Place = {
  name: 'memory',
  open: async () => {
    const guesses = new MemoryGuesses(systemClock);
    return { nodes: [guesses, guesses], close: () => undefined };
  },
};

const redis: Place = {
  name: 'Redis',
  open: async () => {
    const keyPrefix = `guesses_${randomBytes(6).toString('hex')}`;
    const clients = [new Redis(testRedisUrl()), new Redis(testRedisUrl())] as const;
    const node = (client: Redis): Guesses => new RedisGuesses({ redis: client, keyPrefix, clock: systemClock, telemetry: new Telemetry() });
    return { nodes: [node(clients[0]), node(clients[1])], close: () => void clients.map((client) => client.disconnect()) };
  },
};

const outcome = (asked: Promise<void>): Promise<'through' | number> =>
  asked.then(
    () => 'through' as const,
    (error: { code: string; retry_after_ms: number }) => {
      expect(error.code).toBe('rate_limited');
      return error.retry_after_ms;
    },
  );

describe.each([memory, redis])('guesses counted in $name', ({ open }) => {
  let place: Awaited<ReturnType<Place['open']>>;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.close());

  it('of 90 at once on two nodes the free ones go through, and the others hear how long to wait', async () => {
    const outcomes = await Promise.all(Array.from({ length: 90 }, (_, i) => outcome(place.nodes[i % 2]!.begin('many'))));
    const waits = outcomes.filter((each) => each !== 'through');
    expect(outcomes.length - waits.length).toBe(guessing.free);
    for (const wait of waits) {
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(waitAfter(guessing.free));
    }
  });

  it('the wait ends, and the next one is twice as long', async () => {
    const [one, other] = place.nodes;
    for (let i = 0; i < guessing.free; i++) await one.begin('waits');
    expect(await outcome(other.begin('waits'))).toBeLessThanOrEqual(waitAfter(guessing.free));
    await until('the first wait to end', async () => (await outcome(one.begin('waits'))) === 'through');
    const wait = await outcome(other.begin('waits'));
    expect(wait).toBeLessThanOrEqual(waitAfter(guessing.free + 1));
    expect(wait).toBeGreaterThan(waitAfter(guessing.free) / 2);
  });

  it('a right password clears the count', async () => {
    const [one, other] = place.nodes;
    for (let i = 0; i < guessing.free; i++) await one.begin('mine');
    await one.succeeded('mine');
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(other.begin('mine'))));
    expect(outcomes.filter((each) => each === 'through')).toHaveLength(guessing.free);
  });
});

describe('guesses while Redis is away', () => {
  it('are counted by each node for itself', async () => {
    const gone = { eval: () => Promise.reject(new Error('gone')), del: () => Promise.reject(new Error('gone')) };
    const node = new RedisGuesses({ redis: gone, keyPrefix: 'away', clock: systemClock, telemetry: new Telemetry() });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(node.begin('x'))));
    expect(outcomes.filter((each) => each === 'through')).toHaveLength(guessing.free);
    await node.succeeded('x');
    expect(await outcome(node.begin('x'))).toBe('through');
  });
});

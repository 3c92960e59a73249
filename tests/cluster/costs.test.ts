import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { throughPort } from '../../scripts/services/endpoint.js';
import type { ParleyClient } from '../../src/client/index.js';
import type { Thread } from '../../src/protocol/resources.js';
import { testMongodbUrl } from '../services-env.js';
import { until } from '../until.js';
import { CommandCount } from './command-count.js';
import { startCluster, type TestCluster } from './harness.js';
import { OwnRedis } from './own-redis.js';
import { found, record, signUpAndConnect, token } from './people.js';
import { RawReader } from './raw-reader.js';

/**
 * What a message costs, in counts that are the same on every machine: commands to the store and to Redis, writes and bytes to a
 * subscriber. A bound that is passed means that something was added to the road of every message.
 */
describe('what a message costs', () => {
  const subscribers = 20;
  let redis: OwnRedis;
  let info: Redis;
  let store: CommandCount;
  let cluster: TestCluster;
  let ada: ParleyClient;
  let ben: ParleyClient;
  let thread: Thread;
  let readers: RawReader[];
  /** Whose node owns the thread, and whose does not. */
  let near: ParleyClient;
  let far: ParleyClient;

  beforeAll(async () => {
    [redis, store] = await Promise.all([OwnRedis.start(), CommandCount.start(testMongodbUrl())]);
    info = new Redis(redis.url);
    cluster = await startCluster({
      nodes: 2,
      env: { REDIS_URL: redis.url, MONGODB_URL: throughPort(testMongodbUrl(), store.port), ROLE: 'gateway' },
    });
    ada = await signUpAndConnect([cluster.urls[0]!]);
    ben = await signUpAndConnect([cluster.urls[1]!]);
    ({ thread } = await found(ada, [ben]));
    // Where threads stand is told besides, once in two seconds.
    await ben.emit('sync_heads', {});
    const bearer = await token(ben);
    readers = await Promise.all(
      Array.from({ length: subscribers }, async (_, i) => {
        const reader = await RawReader.open(cluster.urls[1]!, bearer, { pack: i % 2 === 1 });
        await reader.join(thread.id);
        return reader;
      }),
    );
    const seen = record(ben, 'new_message');
    await ben.emit('join_thread', { thread_id: thread.id });
    for (let i = 0; i < 20; i++) await ada.send(thread.id, { content: `warm ${i}` });
    await until('everything to be warm', () => seen.length === 20);
    const { redis: calls } = await measured(10, () => oneByOne(ada, 10));
    [near, far] = (calls.xadd ?? 0) < 10 ? [ada, ben] : [ben, ada];
  });
  afterAll(async () => {
    for (const reader of readers ?? []) reader.close();
    ada?.close();
    ben?.close();
    await cluster?.stop();
    await info?.quit();
    await store?.stop();
    await redis?.stop();
  });

  const redisCalls = async (): Promise<Map<string, number>> => {
    const lines = (await info.info('commandstats')).split('\n');
    const calls = lines.map((line) => /^cmdstat_(\S+?):calls=(\d+)/.exec(line) ?? []);
    return new Map(calls.flatMap(([, name, n]) => (name === undefined ? [] : [[name, Number(n)] as const])));
  };
  const growth = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Record<string, number> =>
    Object.fromEntries([...after].map(([name, n]) => [name, n - (before.get(name) ?? 0)] as const).filter(([, n]) => n > 0));

  const measured = async (messages: number, send: () => Promise<unknown>) => {
    const before = { store: new Map(store.counts), redis: await redisCalls() };
    for (const reader of readers) reader.reset();
    await send();
    await until('all to be heard', () => readers.every((reader) => reader.events >= messages));
    return { store: growth(before.store, new Map(store.counts)), redis: growth(before.redis, await redisCalls()) };
  };

  const oneByOne = async (by: ParleyClient, n: number): Promise<void> => {
    for (let i = 0; i < n; i++) await by.send(thread.id, { content: `one ${i}` });
  };
  const others = (counts: Record<string, number>, name: string): number =>
    Object.entries(counts).reduce((sum, [other, n]) => sum + (other === name ? 0 : n), 0);

  it('one by one: an insert, a publication and one frame a subscriber', async () => {
    const n = 50;
    const cost = await measured(n, () => oneByOne(near, n));
    expect(cost.store['insert messages']).toBe(n);
    expect(cost.redis.spublish).toBeLessThanOrEqual(n + 10);
    // Leases, heads of threads, read cursors: by the second, not by the message.
    expect(others(cost.store, 'insert messages')).toBeLessThan(n / 2);
    expect(others(cost.redis, 'spublish')).toBeLessThan(n);
    for (const { frames, bytes } of readers) {
      expect(frames).toBe(n);
      expect(bytes / n).toBeLessThan(400);
    }
  });

  it('at once: many in one insert, many in one publication, and in one frame for those who ask for it', async () => {
    const n = 200;
    const cost = await measured(n, () => Promise.all(Array.from({ length: n }, (_, i) => near.send(thread.id, { content: `many ${i}` }))));
    expect(cost.store['insert messages']).toBeLessThanOrEqual(n / 5);
    expect(cost.redis.spublish).toBeLessThanOrEqual(n / 5);
    expect(others(cost.store, 'insert messages')).toBeLessThan(n / 4);
    expect(others(cost.redis, 'spublish')).toBeLessThan(n / 2);
    for (const [i, { frames, bytes }] of readers.entries()) {
      if (i % 2 === 0) expect(frames).toBe(n);
      else expect(frames).toBeLessThanOrEqual(n / 5);
      expect(bytes / n).toBeLessThan(400);
    }
  });

  it('by way of another node: an ask and an answer more, and many of them in one entry', async () => {
    const n = 50;
    const alone = await measured(n, () => oneByOne(far, n));
    expect(alone.store['insert messages']).toBe(n);
    expect(alone.redis.xadd).toBeLessThanOrEqual(2 * n + 10);
    expect(others(alone.redis, 'spublish')).toBeLessThan(10 * n);
    const m = 200;
    const together = await measured(m, () =>
      Promise.all(Array.from({ length: m }, (_, i) => far.send(thread.id, { content: `far ${i}` }))),
    );
    expect(together.redis.xadd).toBeLessThanOrEqual(m / 2);
    expect(together.store['insert messages']).toBeLessThanOrEqual(m / 4);
  });
});

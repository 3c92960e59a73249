import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import { until } from '../until.js';
import { OwnRedis } from './own-redis.js';
import { leaseMs, Stage } from './stage.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a Redis that fails', () => {
  let redis: OwnRedis;
  let stage: Stage | undefined;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    stage = await Stage.start({ redisUrl: redis.url, nodes: 3, threads: 4, people: (urls) => urls.map((url) => [url]) });
  });
  afterAll(async () => {
    await stage?.stop();
    await redis.stop();
  });

  const epochs = async (): Promise<number[]> => {
    const claims = await Promise.all(stage!.threads.map((t) => stage!.claims.of(threadAddress(t.id))));
    return claims.map((c) => c?.epoch ?? 0);
  };
  const allReady = (): Promise<void> =>
    until('every node to be ready', async () => (await Promise.all(stage!.cluster.nodes.map((n) => n.ready()))).every(Boolean));

  it('by a crash, and comes back with its data: sends go on', async () => {
    await stage!.talkThrough(async () => {
      await redis.kill();
      await redis.restart();
    });
    await allReady();
  });

  it('by losing everything: nodes come back above the witnessed epochs, sends go on', async () => {
    await allReady();
    const before = Math.max(...(await epochs()));
    await stage!.talkThrough(async () => {
      await redis.kill();
      redis.empty();
      await redis.restart();
    });
    await allReady();
    for (const epoch of await epochs()) expect(epoch).toBeGreaterThan(before);
  });

  it('by falling back to an older state: its epochs and inboxes of then are not believed', async () => {
    await allReady();
    redis.keepCopy();
    // Since the copy one node has gone and come, under another name, and slots have moved twice.
    await stage!.cluster.nodes[2]!.end('SIGKILL');
    await sleep(leaseMs + 500);
    await stage!.cluster.nodes[2]!.start();
    await allReady();
    const before = Math.max(...(await epochs()));
    await stage!.talkThrough(async () => {
      await redis.kill();
      redis.setBack();
      await redis.restart();
    });
    await allReady();
    for (const epoch of await epochs()) expect(epoch).toBeGreaterThanOrEqual(before);
  });

  it('by refusing every write for want of space: no node ends, sends go on once it has space again', async () => {
    await allReady();
    await stage!.talkThrough(async (talk) => {
      await stage!.claims.redis.config('SET', 'maxmemory', '1mb');
      await sleep(2 * leaseMs);
      await stage!.claims.redis.config('SET', 'maxmemory', '0');
      const counts = stage!.threads.map((t) => talk.count(t));
      await until('sends to every thread', () => stage!.threads.every((t, i) => talk.count(t) > counts[i]!));
    });
    for (const node of stage!.cluster.nodes) expect(node.running).toBe(true);
    await allReady();
  });
});

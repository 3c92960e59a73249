import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../until.js';
import { Stage } from './stage.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the inbox of a living node', () => {
  let stage: Stage | undefined;

  beforeAll(async () => {
    stage = await Stage.start({ nodes: 2, threads: 4, people: ([a, b]) => [[a!], [b!], [a!, b!]] });
  });
  afterAll(() => stage?.stop());

  it('trimmed again and again under traffic: sends end and are repeated, each is stored once', async () => {
    const { claims, cluster } = stage!;
    const instances = await Promise.all(cluster.nodes.map((n) => claims.instanceOf(n)));
    let trimmed = 0;
    await stage!.talkThrough(async () => {
      for (const end = Date.now() + 2_000; Date.now() < end; ) {
        for (const instance of instances) trimmed += await claims.redis.xtrim(claims.inbox(instance!), 'MAXLEN', 0);
        await sleep(1);
      }
    });
    expect(trimmed).toBeGreaterThan(0);
    expect(await Promise.all(cluster.nodes.map((n) => claims.instanceOf(n)))).toEqual(instances);
  });

  it('deleted under traffic: the node notices and comes back as another', async () => {
    const { claims, cluster } = stage!;
    const node = cluster.nodes[0]!;
    const instance = (await claims.instanceOf(node))!;
    await stage!.talkThrough(async () => {
      await claims.redis.del(claims.inbox(instance));
      await until('another incarnation', async () => ![undefined, instance].includes(await claims.instanceOf(node)));
      await until('it to be ready', () => node.ready());
    });
    expect(node.log).toContain('the inbox is gone');
  });
});

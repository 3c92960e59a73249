import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultProxy } from '../../proof/chaos/proxy.js';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import { until } from '../until.js';
import { redisThrough, Stage, storeThrough } from './stage.js';

describe('a node that is cut off', () => {
  let stage: Stage | undefined;
  let toRedis: FaultProxy;
  let toStore: FaultProxy;

  beforeAll(async () => {
    toRedis = await redisThrough.start();
    toStore = await storeThrough.start();
    stage = await Stage.start({
      nodes: 2,
      envOf: (i): Record<string, string> =>
        i === 0 ? { REDIS_URL: redisThrough.url(toRedis), MONGODB_URL: storeThrough.url(toStore) } : {},
      people: ([cut, whole]) => [[whole!], [whole!], [cut!]],
      threads: 4,
    });
  });
  afterEach(() => {
    toRedis.clear();
    toStore.clear();
  });
  afterAll(async () => {
    await stage?.stop();
    await toRedis.stop();
    await toStore.stop();
  });

  /** The other owns every thread. */
  const takenOver = (): Promise<void> =>
    until('the other to own every thread', async () => {
      const owners = await Promise.all(stage!.threads.map((t) => stage!.claims.of(threadAddress(t.id))));
      return owners.every((c) => c?.node === stage!.cluster.nodes[1]);
    });
  const sendsEverywhere = (count: (i: number) => number): Promise<void> => {
    const before = stage!.threads.map((_t, i) => count(i));
    return until('sends to every thread', () => stage!.threads.every((_t, i) => count(i) > before[i]! + 2));
  };
  const fenced = (): number => stage!.cluster.nodes[0]!.log.split('"why":"unreachable"').length - 1;
  /** `fences`: the cut lasts until the node has fenced itself. Answers whether it came back as who it was. */
  const through = async (cut: () => void, fences: boolean): Promise<{ same: boolean }> => {
    const node = stage!.cluster.nodes[0]!;
    const fencedBefore = fenced();
    await until('both to be ready', async () => (await Promise.all(stage!.cluster.nodes.map((n) => n.ready()))).every(Boolean));
    const instance = await stage!.claims.instanceOf(node);
    await stage!.talkThrough(async (talk) => {
      cut();
      try {
        await takenOver();
        // Where all threads were the other's before, that says nothing of this node yet.
        await until('it to know that it is cut off', async () => !(await node.ready()));
        if (fences) await until('it to fence itself', () => fenced() > fencedBefore);
        await sendsEverywhere((i) => talk.count(stage!.threads[i]));
      } finally {
        toRedis.clear();
        toStore.clear();
      }
      await until('it to be ready again', () => node.ready());
    });
    return { same: (await stage!.claims.instanceOf(node)) === instance };
  };

  it('from Redis fences itself, the other takes over, and it comes back as another', async () => {
    const { same } = await through(() => toRedis.halfOpen(), true);
    expect(same).toBe(false);
  });

  it('from the store steps aside, keeping its lease, and takes its slots again later', async () => {
    const before = fenced();
    const { same } = await through(() => toStore.halfOpen(), false);
    expect(same).toBe(true);
    expect(fenced()).toBe(before);
  });

  it('from both fences itself and serves nothing until it has both again', async () => {
    const { same } = await through(() => {
      toRedis.halfOpen();
      toStore.halfOpen();
    }, true);
    expect(same).toBe(false);
  });
});

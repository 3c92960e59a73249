import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultProxy } from '../../proof/chaos/proxy.js';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import { until } from '../until.js';
import type { StandingClaim } from './claims.js';
import { Stage, storeThrough } from './stage.js';

describe('a node that is stopped past its lease and goes on', () => {
  let stage: Stage | undefined;
  let toStore: FaultProxy;

  beforeAll(async () => {
    toStore = await storeThrough.start();
    stage = await Stage.start({
      nodes: 2,
      // The first node's way to the store can hold back what was sent.
      envOf: (i): Record<string, string> => (i === 0 ? { MONGODB_URL: storeThrough.url(toStore) } : {}),
      people: ([zombie, other]) => [[zombie!, other!], [other!], [other!]],
      threads: 6,
    });
  });
  afterAll(async () => {
    await stage?.stop();
    await toStore.stop();
  });

  it.each([
    ['in the middle of its sends', false],
    ['while its writes are on their way to the store', true],
  ])('%s: its threads go on elsewhere, what it wrote meets the indexes, and it comes back as another', async (_name, held) => {
    const { cluster, claims, threads } = stage!;
    const node = cluster.nodes[0]!;
    const claimOf = async (i: number): Promise<StandingClaim> => (await claims.of(threadAddress(threads[i]!.id)))!;
    const owners = await Promise.all(threads.map((_t, i) => claimOf(i)));
    const own = owners.findIndex((c) => c.node === node);
    const instance = await claims.instanceOf(node);
    const stalls = (): number => node.log.split('"why":"stalled"').length;
    const stallsBefore = stalls();

    await stage!.talkThrough(async (talk) => {
      if (held) {
        // Writes leave the node and wait on the road.
        toStore.halfOpen('requests');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      node.signal('SIGSTOP');
      await until('no thread to be its own', async () =>
        (await Promise.all(threads.map((_t, i) => claimOf(i)))).every((c) => c.node !== node),
      );
      // Where all threads were the other's before, that says nothing of its lease yet.
      await until('its lease to be over', async () => (await claims.instanceOf(node)) !== instance);
      // The other writes to its threads while it is away; then what it had sent arrives, and only then does it wake up.
      const counts = threads.map((t) => talk.count(t));
      await until('sends to every thread', () => threads.every((t, i) => talk.count(t) >= counts[i]! + 3));
      toStore.clear();
      await new Promise((resolve) => setTimeout(resolve, 300));
      node.signal('SIGCONT');
      await until('it to be ready again', async () => stalls() > stallsBefore && (await node.ready()));
    });
    expect(await claims.instanceOf(node)).not.toBe(instance);
    for (const [i, before] of owners.entries()) expect((await claimOf(i)).epoch).toBeGreaterThanOrEqual(before.epoch);
    if (own >= 0) expect((await claimOf(own)).epoch).toBeGreaterThan(owners[own]!.epoch);
  });
});

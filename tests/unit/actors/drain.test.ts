import { describe, expect, it } from '@jest/globals';
import { SLOTS } from '../../../src/actors/cluster/slot.js';
import type { Message } from '../../../src/actors/runtime/actor.js';
import { echoKind, ownedBy, TestCluster } from './cluster-fixtures.js';
import { kindOf, outcome, until } from './fixtures.js';

const go = { type: 'go' };

describe('a node that drains', () => {
  it('leaves only a few slots without an owner at any time, and none goes back to it', async () => {
    const cluster = new TestCluster(echoKind());
    cluster.memory.latencyMs = 3;
    const nodes = [await cluster.start('a'), await cluster.start('b'), await cluster.start('c')];
    await cluster.settled(...nodes);
    const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
    const leaving = b.node.instance!;
    const epochs = new Map(
      [...cluster.memory.claims].filter(([, { instance }]) => instance === leaving).map(([slot, { epoch }]) => [slot, epoch]),
    );
    let fewest = SLOTS;
    const back: number[] = [];
    cluster.clock.every(1, () => {
      fewest = Math.min(fewest, cluster.memory.claims.size);
      for (const [slot, claim] of cluster.memory.claims) {
        if (claim.instance === leaving && claim.epoch !== epochs.get(slot)) back.push(slot);
      }
    });
    await cluster.during(b.node.drain());
    expect(SLOTS - fewest).toBeGreaterThan(0);
    expect(SLOTS - fewest).toBeLessThanOrEqual(32);
    expect(back).toEqual([]);
    expect(a.node.figures().slots + c.node.figures().slots).toBe(SLOTS);
    await cluster.during(b.node.stop());
  });

  it('goes on serving what it has not handed over yet', async () => {
    const cluster: TestCluster = new TestCluster((node) => [
      kindOf('slow', () => ({ receive: () => node, deactivate: () => cluster.clock.sleep(1_000) })),
      kindOf('a', () => ({ receive: () => node })),
    ]);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    // Each holds up the few slots beside its own for a second.
    for (let i = 0; i < 200; i++) await cluster.during(b.node.system.ask({ kind: 'slow', key: `${i}` }, go));
    const drained = b.node.drain();
    await cluster.clock.advance(500);
    const still = Array.from({ length: 400 }, (_, i) => ({ kind: 'a', key: `x${i}` })).filter(
      (at) => a.node.ownerOf(at) === b.node.instance,
    );
    const asks = still.map((at) => outcome(a.node.system.ask(at, go, { timeoutMs: 400 })));
    await cluster.clock.advance(401);
    const answers = await Promise.all(asks);
    expect(answers.filter((answer) => answer === 'b').length).toBeGreaterThan(still.length / 2);
    await cluster.during(drained);
    expect(cluster.clock.monotonic()).toBeLessThan(20_000);
    expect(await cluster.during(a.node.system.ask(still[0]!, go))).toBe('a');
  });

  it('gives the rest up in one step when its time is over', async () => {
    const cluster: TestCluster = new TestCluster((node) => [
      kindOf('a', () => ({ receive: () => node, deactivate: () => cluster.clock.sleep(60_000) })),
    ]);
    const a = await cluster.start('a', { handOverMs: 1_000 });
    const b = await cluster.start('b', { handOverMs: 1_000 });
    await cluster.settled(a, b);
    await cluster.during(b.node.system.ask(ownedBy(b, b), go));
    const began = cluster.clock.monotonic();
    await cluster.during(b.node.stop());
    expect(cluster.clock.monotonic() - began).toBeLessThan(10_000);
    await until(cluster.clock, () => a.node.figures().slots === SLOTS);
  });

  it('alone, or together with all others, ends at once', async () => {
    const cluster = new TestCluster(echoKind());
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const began = cluster.clock.monotonic();
    await cluster.during(Promise.all([a.node.stop(), b.node.stop()]));
    expect(cluster.clock.monotonic() - began).toBeLessThan(5_000);
    expect(cluster.memory.claims.size).toBe(0);
    expect(cluster.memory.leases.size).toBe(0);
  });

  it('and loses its lease meanwhile takes no slot again', async () => {
    const cluster: TestCluster = new TestCluster((node) => [
      kindOf('a', () => ({ receive: () => node, deactivate: () => cluster.clock.sleep(2_000) })),
    ]);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    for (let i = 0; i < 100; i++) await cluster.during(b.node.system.ask({ kind: 'a', key: `${i}` }, go));
    const drained = b.node.drain();
    await cluster.clock.advance(500);
    cluster.memory.leases.delete(b.node.instance!);
    cluster.memory.changed();
    await cluster.during(drained);
    expect(b.node.figures().slots).toBe(0);
    expect([...cluster.memory.leases.keys()].filter((name) => name.startsWith('b-'))).toEqual([]);
    await until(cluster.clock, () => a.node.figures().slots === SLOTS);
  });

  it('passes on what came to it and keeps the order of one sender', async () => {
    const seen: { node: string; n: number; key: string }[] = [];
    const cluster = new TestCluster(echoKind(seen));
    cluster.memory.latencyMs = 2;
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    const c = await cluster.start('c');
    await cluster.settled(a, b, c);
    const sender = await cluster.during(cluster.sender());
    const keys = Array.from({ length: 60 }, (_, i) => ({ kind: 'a', key: `k${i}` }));
    let gone = false;
    void b.node.stop().then(() => {
      gone = true;
    });
    let n = 0;
    for (let round = 0; round < 60 || !gone; round++) {
      for (const key of keys) sender.tell(key, { type: 'go', n } as Message);
      n++;
      await cluster.clock.advance(1 + (round % 3));
    }
    await cluster.clock.advance(3_000);
    for (const { key } of keys) expect(seen.filter((s) => s.key === key).map((s) => s.n)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(new Set(seen.map((s) => s.node)).size).toBe(3);
  });
});

import { describe, expect, it } from '@jest/globals';
import { SLOTS, slotOf } from '../../../src/actors/cluster/slot.js';
import type { ActorContext, Message } from '../../../src/actors/runtime/actor.js';
import { Fault } from '../../../src/kernel/errors.js';
import { currentScope, withScope } from '../../../src/kernel/scope.js';
import { echoKind, ownedBy, TestCluster } from './cluster-fixtures.js';
import { kindOf, outcome, until } from './fixtures.js';

const go = { type: 'go' };
const numbered = (n: number): Message => ({ type: 'go', n }) as Message;

describe('a cluster', () => {
  it('of one node serves every slot, under a witnessed epoch', async () => {
    const cluster = new TestCluster(echoKind());
    const a = await cluster.start('a');
    expect(a.node.figures().slots).toBe(SLOTS);
    expect(await a.node.system.ask({ kind: 'a', key: '1' }, go)).toMatchObject({ node: 'a', epoch: 1 });
    expect(await cluster.witness.raise(0)).toBe(1);
  });

  it('shares the slots among its nodes, each once, and asks reach the owner from anywhere', async () => {
    const cluster = new TestCluster(echoKind());
    const nodes = [await cluster.start('a'), await cluster.start('b'), await cluster.start('c')];
    await cluster.settled(...nodes);
    for (const n of nodes) expect(n.node.figures().slots).toBeGreaterThan(100);
    for (const from of nodes) {
      for (const [i, to] of nodes.entries()) {
        const answer = await cluster.during(from.node.system.ask(ownedBy(from, to), go));
        expect(answer).toMatchObject({ node: 'abc'[i] });
      }
    }
  });

  it('carries faults, scopes and chains to other nodes', async () => {
    const seen: unknown[] = [];
    const cluster = new TestCluster(() => [
      kindOf('a', (c: ActorContext) => ({
        receive: (m: { type: string; next?: string }) => {
          seen.push(currentScope()?.request_id);
          if (m.type === 'refuse') throw new Fault('rate_limited', 'slow down', { retry_after_ms: 7 });
          return c.ask({ kind: 'a', key: m.next! }, { type: 'go', next: m.next } as Message);
        },
      })),
    ]);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const far = ownedBy(a, b);
    const near = ownedBy(a, a);
    const refused = withScope({ request_id: 'r' }, () => cluster.during(a.node.system.ask(far, { type: 'refuse' })));
    await expect(refused).rejects.toMatchObject({ code: 'rate_limited', message: 'slow down', retry_after_ms: 7 });
    expect(seen).toEqual(['r']);
    // near (a) -> far (b) -> far: the chain has come to b with the envelope.
    const circle = outcome(a.node.system.ask(near, { type: 'go', next: far.key } as Message));
    expect(await cluster.during(circle)).toBe('!unavailable');
    expect(b.lines.find((l) => l.chain)).toMatchObject({ chain: [`a/${near.key}`, `a/${far.key}`, `a/${far.key}`] });
  });

  it('ends an ask at its deadline when the owner does not answer', async () => {
    const cluster = new TestCluster(() => [kindOf('a', () => ({ receive: () => new Promise(() => undefined) }))]);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const ask = outcome(a.node.system.ask(ownedBy(a, b), go, { timeoutMs: 500 }));
    await cluster.clock.advance(480);
    expect(a.node.figures().remoteAsks).toBe(1);
    await cluster.clock.advance(30);
    expect(await ask).toBe('!timeout');
    expect(a.node.figures().remoteAsks).toBe(0);
  });

  it('sends asks again when their target dies, and the new owner answers', async () => {
    const cluster = new TestCluster((node) => [
      kindOf('a', () => ({ receive: () => (node === 'b' ? new Promise(() => undefined) : node) })),
    ]);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const down: string[] = [];
    a.node.onNodeDown((m) => down.push(m.url));
    const asks = Array.from({ length: 20 }, (_, i) => outcome(a.node.system.ask(ownedBy(a, b, 'a', i * 50), go, { timeoutMs: 20_000 })));
    await cluster.clock.advance(100);
    b.link.cut = true;
    expect(await cluster.during(Promise.all(asks))).toEqual(new Array(20).fill('a'));
    expect(cluster.clock.monotonic()).toBeLessThan(10_000);
    expect(down).toEqual(['http://b']);
    // Twice each while no answer came, and once when the node was known to be dead.
    expect(await a.telemetry.registry.metrics()).toContain('parley_cluster_asks_resent_total 60');
  });

  it('does an ask once though it arrives twice while both live', async () => {
    const seen: { node: string; n: number; key: string }[] = [];
    const cluster = new TestCluster(echoKind(seen));
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const asks: Promise<unknown>[] = [];
    const keys = Array.from({ length: 300 }, (_, i) => ({ kind: 'a', key: `x${i}` }));
    const c = cluster.make('c');
    void c.node.start();
    for (let n = 0; n < 300; n++) {
      asks.push(a.node.system.ask(keys[n]!, numbered(n), { timeoutMs: 20_000 }));
      if (n % 10 === 0) await cluster.clock.advance(10);
    }
    await cluster.during(Promise.all(asks));
    await cluster.settled(a, b, c);
    expect(seen.map((s) => s.n).sort((x, y) => x - y)).toEqual(Array.from({ length: 300 }, (_, n) => n));
  });
});

describe('a hand-off', () => {
  it.each([0, 3])('keeps the order of one sender to one actor while all live (latency %i ms)', async (latency) => {
    const seen: { node: string; n: number; key: string }[] = [];
    const cluster = new TestCluster(echoKind(seen));
    cluster.memory.latencyMs = latency;
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const sender = await cluster.during(cluster.sender());
    const keys = Array.from({ length: 60 }, (_, i) => ({ kind: 'a', key: `k${i}` }));
    const c = cluster.make('c');
    let joined = false;
    void c.node.start().then(() => {
      joined = true;
    });
    let n = 0;
    for (let round = 0; round < 60 || !joined; round++) {
      for (const key of keys) {
        sender.tell(key, numbered(n));
        a.node.system.tell({ ...key, key: `local${key.key}` }, numbered(n));
      }
      n++;
      await cluster.clock.advance(round % 3);
    }
    await cluster.settled(a, b, c);
    await cluster.clock.advance(3_000);
    const byKey = new Map<string, number[]>();
    for (const s of seen) byKey.set(s.key, [...(byKey.get(s.key) ?? []), s.n]);
    expect(byKey.size).toBe(120);
    for (const got of byKey.values()) expect(got).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(new Set(seen.map((s) => s.node))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('ends the actors with `handoff`, once, and the new one begins after that', async () => {
    const events: string[] = [];
    const cluster = new TestCluster((node) => [
      kindOf('a', (c: ActorContext) => ({
        activate: () => void events.push(`${c.address.key} up ${node} ${c.epoch}`),
        receive: () => node,
        async deactivate(reason) {
          await c.clock.sleep(300);
          events.push(`${c.address.key} ${reason} ${node}`);
        },
      })),
    ]);
    const a = await cluster.start('a');
    for (let i = 0; i < 100; i++) await a.node.system.ask({ kind: 'a', key: `${i}` }, go);
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const moved = Array.from({ length: 100 }, (_, i) => `${i}`).filter((key) => b.node.ownerOf({ kind: 'a', key }) === b.node.instance);
    expect(moved.length).toBeGreaterThan(20);
    for (const key of moved) {
      expect(await cluster.during(a.node.system.ask({ kind: 'a', key }, go))).toBe('b');
      const own = events.filter((e) => e.startsWith(`${key} `));
      expect(own).toEqual([`${key} up a 1`, `${key} handoff a`, expect.stringMatching(new RegExp(`^${key} up b [2-9]`))]);
    }
    expect(events.filter((e) => e.includes('handoff'))).toHaveLength(moved.length);
  });
});

describe('draining', () => {
  it('lets the others take over within 100 ms, and loses no ask', async () => {
    const cluster = new TestCluster(echoKind());
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const sender = await cluster.during(cluster.sender());
    const began = cluster.clock.monotonic();
    const drained = b.node.drain();
    const asks = Array.from({ length: 200 }, (_, i) => [
      sender.ask({ kind: 'a', key: `k${i}` }, go),
      b.node.system.ask({ kind: 'a', key: `k${i}` }, go),
      a.node.system.ask({ kind: 'a', key: `k${i}` }, go),
    ]).flat();
    const answers = await cluster.during(Promise.all(asks));
    expect(cluster.clock.monotonic() - began).toBeLessThan(100);
    expect(answers.every((x) => (x as { node: string }).node === 'a' || (x as { node: string }).node === 'b')).toBe(true);
    await cluster.during(drained);
    expect(a.node.figures().slots).toBe(SLOTS);
    expect(b.node.ready()).toEqual({ ok: false, reason: 'draining' });
    await cluster.during(b.node.stop());
    expect([...cluster.memory.inboxes.keys()].some((name) => name.startsWith('b-'))).toBe(false);
    await cluster.during(b.node.stop());
  });

  it('lets actors flush', async () => {
    const events: string[] = [];
    const cluster = new TestCluster(() => [kindOf('a', () => ({ receive: () => undefined, deactivate: (r) => void events.push(r) }))]);
    const a = await cluster.start('a');
    await a.node.system.ask({ kind: 'a', key: '1' }, go);
    await cluster.during(a.node.stop());
    expect(events).toEqual(['shutdown']);
  });
});

describe('fencing', () => {
  const fencingCluster = (events: string[]) =>
    new TestCluster((node) => [
      kindOf('a', (c: ActorContext) => ({
        receive: (m: { type: string }) => (m.type === 'hold' ? new Promise(() => undefined) : { node, epoch: c.epoch }),
        deactivate: (reason) => void events.push(`${node} ${reason}`),
      })),
    ]);

  it('stops a node that cannot renew before its lease ends, and it rejoins as another instance', async () => {
    const events: string[] = [];
    const cluster = fencingCluster(events);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const mine = ownedBy(b, b);
    await b.node.system.ask(mine, go);
    const first = b.node.instance;
    const heard: string[] = [];
    b.node.onFenced((why) => heard.push(why));
    b.node.onRejoined(() => heard.push(`rejoined as another: ${b.node.instance !== first}`));
    const pending = outcome(b.node.system.ask(ownedBy(b, a), { type: 'hold' }, { timeoutMs: 60_000 }));
    await cluster.clock.advance(20);
    b.link.cut = true;
    const cutAt = cluster.clock.monotonic();
    await until(cluster.clock, () => !b.node.ready().ok);
    const fencedAt = cluster.clock.monotonic();
    expect(fencedAt - cutAt).toBeLessThanOrEqual(4_510);
    expect(a.node.nodes()).toHaveLength(2);
    expect(events).toEqual(['b lost']);
    expect(await pending).toBe('!unavailable');
    expect(b.node.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('fenced') });
    expect(b.node.figures()).toMatchObject({ slots: 0, activations: { a: 0 } });
    expect(await b.telemetry.registry.metrics()).toContain('parley_cluster_fenced_total 1');
    const during = outcome(b.node.system.ask(mine, go, { timeoutMs: 10_000 }));
    await until(cluster.clock, () => a.node.figures().slots === SLOTS);
    expect(cluster.clock.monotonic()).toBeGreaterThan(fencedAt);
    b.link.cut = false;
    await cluster.settled(a, b);
    expect(heard).toEqual(['unreachable', 'rejoined as another: true']);
    expect(await cluster.during(during)).toMatchObject({ node: expect.any(String) });
  });

  it('gives its lease up, where its renewals arrive and only their answers are lost', async () => {
    const cluster = fencingCluster([]);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    b.link.renew = async (instance, leaseMs) => {
      cluster.memory.renew(instance, leaseMs);
      throw new Error('no answer');
    };
    await until(cluster.clock, () => !b.node.ready().ok);
    const fencedAt = cluster.clock.monotonic();
    await until(cluster.clock, () => a.node.figures().slots === SLOTS);
    expect(cluster.clock.monotonic() - fencedAt).toBeLessThan(500);
  });

  it('notices by itself that it slept past its lease, before it serves anything', async () => {
    const cluster = fencingCluster([]);
    const a = await cluster.start('a');
    await a.node.system.ask({ kind: 'a', key: '1' }, go);
    // A halted process: time passes, and no timer fires.
    const sleep = a.node.catalog.clock as unknown as { monotonic(): number };
    const before = sleep.monotonic.bind(sleep);
    const heard: string[] = [];
    a.node.onFenced((why) => heard.push(why));
    sleep.monotonic = () => before() + 6_000;
    const ask = outcome(a.node.system.ask({ kind: 'a', key: '1' }, go, { timeoutMs: 100 }));
    expect(a.node.ready().ok).toBe(false);
    expect(a.node.figures().slots).toBe(0);
    expect(heard).toEqual(['stalled']);
    sleep.monotonic = before;
    void ask;
  });

  it('happens when the cluster had declared it dead', async () => {
    const events: string[] = [];
    const cluster = fencingCluster(events);
    const a = await cluster.start('a');
    await a.node.system.ask({ kind: 'a', key: '1' }, go);
    const first = a.node.instance!;
    const heard: string[] = [];
    a.node.onFenced((why) => heard.push(why));
    a.node.onRejoined(() => heard.push('rejoined'));
    cluster.memory.leases.delete(first);
    cluster.memory.changed();
    // It hears of it by a notice, and waits for no renewal.
    await until(cluster.clock, () => heard.length === 2, 200);
    await until(cluster.clock, () => a.node.instance !== undefined && a.node.instance !== first && a.node.ready().ok);
    expect(events).toEqual(['a lost']);
    expect(heard).toEqual(['lost', 'rejoined']);
    expect(await a.node.system.ask({ kind: 'a', key: '1' }, go)).toMatchObject({ epoch: 2 });
  });
});

describe('a node whose inbox is gone', () => {
  it('comes back as another within two seconds, and asks that lay in it end', async () => {
    const cluster = new TestCluster(echoKind());
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const far = ownedBy(a, b);
    const first = b.node.instance!;
    cluster.memory.inboxes.delete(first);
    const asks = Array.from({ length: 10 }, () => outcome(a.node.system.ask(far, go, { timeoutMs: 5_000 })));
    await cluster.clock.advance(2_000);
    await cluster.settled(a, b);
    expect(b.node.instance).not.toBe(first);
    expect(cluster.memory.leases.has(first)).toBe(false);
    for (const answer of await cluster.during(Promise.all(asks))) expect(answer).toMatchObject({ node: expect.any(String) });
    expect(await cluster.during(a.node.system.ask(ownedBy(a, b), go))).toMatchObject({ node: 'b' });
  });
});

describe('a slot that the table gives to another', () => {
  it('is dropped as lost, and its messages go to the owner', async () => {
    const events: string[] = [];
    const cluster = new TestCluster((node) => [
      kindOf('a', () => ({ receive: () => node, deactivate: (reason) => void events.push(`${node} ${reason}`) })),
    ]);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const mine = ownedBy(a, a);
    expect(await a.node.system.ask(mine, go)).toBe('a');
    cluster.memory.claims.set(slotOf(mine), { instance: b.node.instance!, epoch: ++cluster.memory.epoch });
    cluster.memory.changed();
    await until(cluster.clock, () => events.length > 0);
    expect(events).toEqual(['a lost']);
    // b gives back what is not for it, a claims it anew: whoever answers, it is answered.
    expect(await cluster.during(a.node.system.ask(mine, go))).toMatch(/^[ab]$/);
    await cluster.settled(a, b);
  });
});

describe('epochs', () => {
  it('go on above the witnessed one after Redis lost its data', async () => {
    const cluster = new TestCluster(echoKind());
    const a = await cluster.start('a');
    await cluster.witness.raise(41);
    const first = a.node.instance;
    cluster.memory.wipe();
    await until(cluster.clock, () => a.node.instance !== undefined && a.node.instance !== first);
    await cluster.settled(a);
    const { epoch } = (await a.node.system.ask({ kind: 'a', key: '1' }, go)) as { epoch: number };
    expect(epoch).toBeGreaterThan(41);
    expect(await cluster.witness.raise(0)).toBe(epoch);
    expect(a.lines.some((l) => String(l.msg).includes('lost its data'))).toBe(true);
  });

  it('that nobody witnesses are not served', async () => {
    const cluster = new TestCluster(echoKind());
    cluster.witness.down = true;
    const a = cluster.make('a');
    const started = a.node.start();
    await cluster.clock.advance(3_000);
    expect(a.node.ready()).toEqual({ ok: false, reason: 'the epoch cannot be witnessed' });
    const ask = outcome(a.node.system.ask({ kind: 'a', key: '1' }, go, { timeoutMs: 500 }));
    expect(await cluster.during(ask)).toBe('!unavailable');
    cluster.witness.down = false;
    await cluster.during(started);
    expect(await a.node.system.ask({ kind: 'a', key: '1' }, go)).toMatchObject({ node: 'a' });
  });

  it('only grow for each slot, through joins, deaths and hand-offs', async () => {
    const cluster = new TestCluster(echoKind());
    const highest = new Array<number>(SLOTS).fill(0);
    const problems: string[] = [];
    const look = (): void => {
      for (const [slot, claim] of cluster.memory.claims) {
        if (claim.epoch < highest[slot]!) problems.push(`slot ${slot}: ${claim.epoch} after ${highest[slot]}`);
        highest[slot] = Math.max(highest[slot]!, claim.epoch);
      }
    };
    cluster.clock.every(10, look);
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    const c = await cluster.start('c');
    b.link.cut = true;
    await until(cluster.clock, () => a.node.figures().slots + c.node.figures().slots === SLOTS);
    b.link.cut = false;
    await cluster.settled(a, b, c);
    await cluster.during(c.node.stop());
    await cluster.settled(a, b);
    expect(problems).toEqual([]);
    expect(new Set(highest).size).toBeGreaterThan(2);
  });
});

describe('bounds', () => {
  it('refuse with `overloaded` when too much waits for an owner', async () => {
    const cluster = new TestCluster(echoKind());
    cluster.witness.down = true;
    const a = cluster.make('a', { held: 10 });
    void a.node.start();
    await cluster.clock.advance(100);
    const asks = Array.from({ length: 12 }, (_, i) => outcome(a.node.system.ask({ kind: 'a', key: `${i}` }, go)));
    expect(await asks[11]).toBe('!overloaded');
    a.node.system.tell({ kind: 'a', key: '1' }, go);
    expect(await a.telemetry.registry.metrics()).toContain('parley_actor_dead_letters_total{reason="overloaded"} 1');
  });

  it('refuse with `overloaded` when too much waits for one target', async () => {
    const cluster = new TestCluster(echoKind());
    const limits = { outgoing: { pending: 5, enough: 32, batch: 256, batchBytes: 1_000, retryMs: 100 } };
    const a = await cluster.start('a', limits);
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const far = ownedBy(a, b);
    const asks = Array.from({ length: 7 }, () => outcome(a.node.system.ask(far, go)));
    expect(await cluster.during(Promise.all(asks))).toEqual([
      ...new Array(5).fill(expect.objectContaining({ node: 'b' })),
      '!overloaded',
      '!overloaded',
    ]);
  });

  it('give up tells that found no owner, and count them', async () => {
    const cluster = new TestCluster(echoKind());
    cluster.witness.down = true;
    const a = cluster.make('a');
    void a.node.start();
    await cluster.clock.advance(100);
    a.node.system.tell({ kind: 'a', key: '1' }, go);
    await cluster.clock.advance(12_000);
    expect(await a.telemetry.registry.metrics()).toContain('parley_actor_dead_letters_total{reason="no_owner"} 1');
    expect(a.node.figures().held).toBe(0);
  });

  it('hold many envelopes in few entries', async () => {
    const cluster = new TestCluster(echoKind());
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.settled(a, b);
    const far = ownedBy(a, b);
    await cluster.during(Promise.all(Array.from({ length: 600 }, () => a.node.system.ask(far, go))));
    const metrics = await a.telemetry.registry.getSingleMetric('parley_cluster_envelopes_per_entry')!.get();
    const sum = metrics.values.find((v) => 'metricName' in v && v.metricName === 'parley_cluster_envelopes_per_entry_count');
    expect(sum!.value).toBeLessThan(20);
  });
});

import { describe, expect, it } from '@jest/globals';
import { slotOf } from '../../../src/actors/cluster/slot.js';
import type { ActorContext, Message } from '../../../src/actors/runtime/actor.js';
import { StateLost } from '../../../src/actors/runtime/supervision.js';
import { TestCluster, type TestNode } from './cluster-fixtures.js';
import { kindOf, local, outcome, settle } from './fixtures.js';

const poisoned = { kind: 'a', key: 'poisoned' };
const go = { type: 'go' };

/** Throws on `poison`, and on every activation while `sick`. */
const fragile = () => {
  const state = { sick: false, activations: 0, turns: 0 };
  const kind = kindOf('a', (context: ActorContext) => ({
    activate() {
      state.activations++;
      if (state.sick && context.address.key === 'poisoned') throw new Error('cannot begin');
    },
    receive(message: Message) {
      state.turns++;
      if (message.type === 'poison') throw new Error('cannot bear it');
      if (message.type === 'astray') throw new StateLost('the store does not say');
      return 'served';
    },
  }));
  return { state, kind };
};

const refusalOf = (ask: Promise<unknown>): Promise<{ code: string; retry_after_ms?: number }> =>
  ask.then(
    () => ({ code: 'ok' }),
    (error: { code: string; retry_after_ms?: number }) => error,
  );

describe('quarantine', () => {
  it('of a key on whose message the code throws: without a turn, with the time to come back, and of no other key in its slot', async () => {
    const { kind, state } = fragile();
    const { system, telemetry, lines } = local([kind]);
    for (let i = 0; i < 6; i++) expect(await outcome(system.ask(poisoned, { type: 'poison' }))).toBe('!unavailable');
    const { turns } = state;
    expect(await refusalOf(system.ask(poisoned, go))).toMatchObject({ code: 'unavailable', retry_after_ms: 30_000 });
    system.tell(poisoned, go);
    expect(state.turns).toBe(turns);
    let n = 0;
    while (slotOf({ kind: 'a', key: `${n}` }) !== slotOf(poisoned)) n++;
    expect(await system.ask({ kind: 'a', key: `${n}` }, go)).toBe('served');
    system.catalog.report();
    const metrics = await telemetry.registry.metrics();
    expect(metrics).toContain('parley_actor_quarantined 1');
    expect(metrics).toContain('parley_actor_dead_letters_total{reason="cooling"} 1');
    expect(lines.filter((line) => String(line.msg).startsWith('quarantined'))).toMatchObject([{ to: 'a/poisoned', for_ms: 30_000 }]);
  });

  it('answers what waits in the mailbox of the key at once', async () => {
    const { kind } = fragile();
    const { system } = local([kind]);
    const asks = Array.from({ length: 20 }, () => refusalOf(system.ask(poisoned, { type: 'poison' })));
    const ends = await Promise.all(asks);
    expect(ends.filter((end) => end.retry_after_ms === 30_000)).toHaveLength(14);
    expect(system.catalog.size).toBe(0);
  });

  it('of a key that cannot be activated costs one activation a try, and ends when it can be', async () => {
    const { kind, state } = fragile();
    const { system, clock, telemetry } = local([kind]);
    state.sick = true;
    for (let i = 0; i < 50; i++) expect(await outcome(system.ask(poisoned, go))).toBe('!unavailable');
    expect(state.activations).toBe(6);
    state.sick = false;
    await clock.advance(30_000);
    expect(await system.ask(poisoned, go)).toBe('served');
    system.catalog.report();
    expect(await telemetry.registry.metrics()).toContain('parley_actor_quarantined 0');
  });

  it('grows while one try after it fails as well, up to ten minutes', async () => {
    const { kind, state } = fragile();
    const { system, clock } = local([kind]);
    const lengths: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) await outcome(system.ask(poisoned, { type: 'poison' }));
    for (let i = 0; i < 8; i++) {
      const { turns } = state;
      await outcome(system.ask(poisoned, { type: 'poison' }));
      expect(state.turns).toBe(turns + 1);
      const { retry_after_ms } = await refusalOf(system.ask(poisoned, go));
      lengths.push(retry_after_ms);
      await clock.advance(retry_after_ms!);
    }
    expect(lengths).toEqual([30, 60, 120, 240, 480, 600, 600, 600].map((s) => s * 1_000));
  });

  it('is forgotten after as much quiet as it lasted', async () => {
    const { kind } = fragile();
    const { system, clock } = local([kind]);
    for (let i = 0; i < 6; i++) await outcome(system.ask(poisoned, { type: 'poison' }));
    await clock.advance(30_000);
    expect(await system.ask(poisoned, go)).toBe('served');
    await clock.advance(60_000);
    for (let i = 0; i < 5; i++) {
      await outcome(system.ask(poisoned, { type: 'poison' }));
      expect(await system.ask(poisoned, go)).toBe('served');
    }
  });

  it('does not befall an actor that the store leaves without an answer: it begins anew each time', async () => {
    const { kind, state } = fragile();
    const { system, lines } = local([kind]);
    for (let i = 0; i < 30; i++) expect(await outcome(system.ask(poisoned, { type: 'astray' }))).toBe('!unavailable');
    expect(await system.ask(poisoned, go)).toBe('served');
    expect(state.activations).toBe(31);
    expect(lines.filter((line) => String(line.msg).includes('defect'))).toEqual([]);
  });
});

describe('an ask that kills the node of its actor', () => {
  it('is given to one more node and no other; the rest of the cluster goes on', async () => {
    const killed: string[] = [];
    const nodes = new Map<string, TestNode>();
    const cluster = new TestCluster((name) => [
      kindOf('a', () => ({
        receive(message: Message) {
          if (message.type !== 'deadly') return name;
          killed.push(name);
          nodes.get(name)!.link.cut = true;
          return new Promise(() => undefined);
        },
      })),
    ]);
    for (const name of ['a', 'b', 'c', 'd']) nodes.set(name, await cluster.start(name));
    await cluster.settled(...nodes.values());
    const sender = await cluster.sender();
    const ask = outcome(sender.ask(poisoned, { type: 'deadly' }, { timeoutMs: 60_000 }));
    expect(await cluster.during(ask)).toBe('!timeout');
    expect(new Set(killed).size).toBe(2);
    expect(killed).toHaveLength(2);
    expect(killed).not.toContain(await cluster.during(sender.ask(poisoned, go, { timeoutMs: 30_000 })));
    await sender.stop();
  });
});

describe('the load of mailboxes', () => {
  it('is the sum of what waits and the fullest one, through turns, refusals and endings', async () => {
    const holds: (() => void)[] = [];
    const { system } = local([
      kindOf('a', () => ({ receive: () => new Promise<void>((resolve) => holds.push(resolve)) }), { mailboxLimit: 40 }),
    ]);
    expect(system.catalog.waiting()).toEqual({ messages: 0, deepest: 0, owed: 0 });
    for (let i = 0; i < 50; i++) system.tell({ kind: 'a', key: 'full' }, go);
    for (let i = 0; i < 11; i++) system.tell({ kind: 'a', key: 'usual' }, go);
    await settle();
    // One turn of each is under way; what found no room is a dead letter.
    expect(system.catalog.waiting()).toEqual({ messages: 39 + 10, deepest: 39, owed: 0 });
    holds[0]!();
    await settle();
    expect(system.catalog.waiting()).toEqual({ messages: 38 + 10, deepest: 38, owed: 0 });
    await system.catalog.evacuate(({ key }) => key === 'full', 'lost');
    expect(system.catalog.waiting()).toEqual({ messages: 10, deepest: 0, owed: 0 });
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Fitness, ProbedFitness } from '../../../src/actors/cluster/fitness.js';
import { SLOTS } from '../../../src/actors/cluster/slot.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { ownedBy, TestCluster } from './cluster-fixtures.js';
import { kindOf, outcome, recordingLogger, until } from './fixtures.js';

const go = { type: 'go' };

class Switch implements Fitness {
  readonly #listeners: (() => void)[] = [];
  #fit = true;

  fit(): boolean {
    return this.#fit;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  turn(fit: boolean): void {
    this.#fit = fit;
    for (const listener of this.#listeners) listener();
  }
}

describe('fitness by probes', () => {
  const probed = (probe: () => Promise<unknown>) => {
    const clock = new FakeClock();
    const fitness = new ProbedFitness({ probe, clock, logger: recordingLogger().logger });
    const heard: boolean[] = [];
    fitness.onChange(() => heard.push(fitness.fit()));
    fitness.start();
    return { clock, fitness, heard };
  };

  it('ends after three probes in a row that failed or hung, within 5 s, and begins again with one that did not', async () => {
    let answer: () => Promise<unknown> = () => Promise.resolve();
    const { clock, fitness, heard } = probed(() => answer());
    await clock.advance(10_000);
    answer = () => new Promise(() => undefined);
    await clock.advance(3_000);
    expect(fitness.fit()).toBe(true);
    await clock.advance(2_000);
    expect(fitness.fit()).toBe(false);
    answer = () => Promise.reject(new Error('away'));
    await clock.advance(10_000);
    answer = () => Promise.resolve();
    await clock.advance(1_500);
    expect(heard).toEqual([false, true]);
  });

  it('outlives two failures', async () => {
    let n = 0;
    const { clock, heard } = probed(() => (n++ % 3 === 0 ? Promise.resolve() : Promise.reject(new Error('away'))));
    await clock.advance(30_000);
    expect(heard).toEqual([]);
    expect(n).toBeGreaterThan(30);
  });

  it('asks nothing more once it is stopped', async () => {
    let n = 0;
    const { clock, fitness } = probed(() => Promise.resolve(n++));
    await clock.advance(2_000);
    fitness.stop();
    const before = n;
    await clock.advance(10_000);
    expect(n).toBe(before);
  });
});

describe('a node that is not fit', () => {
  const trio = async () => {
    const events: string[] = [];
    const cluster = new TestCluster((node) => [
      kindOf('a', () => ({ receive: () => node, deactivate: (reason) => void events.push(`${node} ${reason}`) })),
    ]);
    const switches = { a: new Switch(), b: new Switch(), c: new Switch() };
    const a = await cluster.start('a', {}, switches.a);
    const b = await cluster.start('b', {}, switches.b);
    const c = await cluster.start('c', {}, switches.c);
    await cluster.settled(a, b, c);
    return { cluster, switches, a, b, c, events };
  };

  it('gives its slots to the others within 2 s, keeps its lease and can still ask', async () => {
    const { cluster, switches, a, b, c, events } = await trio();
    const was = ownedBy(a, b);
    expect(await cluster.during(a.node.system.ask(was, go))).toBe('b');
    const instance = b.node.instance;
    switches.b.turn(false);
    await cluster.clock.advance(2_000);
    expect(b.node.figures().slots).toBe(0);
    expect(a.node.figures().slots + c.node.figures().slots).toBe(SLOTS);
    expect(events).toEqual(['b lost']);
    expect(b.node.ready()).toEqual({ ok: false, reason: 'not fit: the store does not answer' });
    expect(await cluster.during(b.node.system.ask(was, go))).toMatch(/[ac]/);
    await cluster.clock.advance(30_000);
    expect(b.node.instance).toBe(instance);
    switches.b.turn(true);
    await cluster.settled(a, b, c);
    expect(await cluster.during(a.node.system.ask(was, go))).toBe('b');
  });

  it('moves nothing when no other is fit either, however long', async () => {
    const { cluster, switches, a, b, c, events } = await trio();
    for (const node of [a, b, c]) await cluster.during(a.node.system.ask(ownedBy(a, node), go));
    const before = [a, b, c].map((n) => n.node.figures().slots);
    // They notice one after the other, and recover so.
    switches.a.turn(false);
    await cluster.clock.advance(700);
    switches.b.turn(false);
    await cluster.clock.advance(700);
    switches.c.turn(false);
    await cluster.clock.advance(60_000);
    for (const n of [a, b, c]) expect(n.node.ready().ok).toBe(false);
    for (const s of [switches.c, switches.a, switches.b]) {
      s.turn(true);
      await cluster.clock.advance(500);
    }
    await cluster.settled(a, b, c);
    expect([a, b, c].map((n) => n.node.figures().slots)).toEqual(before);
    expect(events.filter((e) => !e.endsWith('idle'))).toEqual([]);
  });

  it.each([
    ['was carried out, unheard, before it was fit again', async (say: () => Promise<void>) => say(), async () => undefined],
    ['is carried out late, after it has said that it is fit', async () => undefined, async (say: () => Promise<void>) => say()],
  ])('takes its slots back though the word that it is not fit %s', async (_when, atOnce, late) => {
    const { cluster, switches, a, b, c } = await trio();
    const { announce } = b.link;
    let say = async (): Promise<void> => undefined;
    b.link.announce = async (member) => {
      b.link.announce = announce;
      say = async () => void (await announce.call(b.link, member));
      await atOnce(say);
      throw new Error('Command timed out');
    };
    switches.b.turn(false);
    await cluster.clock.advance(100);
    switches.b.turn(true);
    await cluster.clock.advance(3_000);
    await late(say);
    await cluster.clock.advance(6_000);
    for (const n of [a, b, c]) expect(n.node.nodes().some(({ unfit }) => unfit)).toBe(false);
    await cluster.settled(a, b, c);
  });

  it('claims nothing when it joins, and what nobody fit can serve is refused in time', async () => {
    const cluster = new TestCluster(() => [kindOf('a', () => ({ receive: () => 'here' }))]);
    const fitness = new Switch();
    fitness.turn(false);
    cluster.witness.down = true;
    const a = cluster.make('a', {}, fitness);
    void a.node.start();
    await cluster.clock.advance(3_000);
    const ask = outcome(a.node.system.ask({ kind: 'a', key: '1' }, go, { timeoutMs: 500 }));
    expect(await cluster.during(ask)).toBe('!unavailable');
    cluster.witness.down = false;
    fitness.turn(true);
    await until(cluster.clock, () => a.node.ready().ok);
    expect(await cluster.during(a.node.system.ask({ kind: 'a', key: '1' }, go))).toBe('here');
  });
});

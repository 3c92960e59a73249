import { expect, test } from '@jest/globals';
import { type Cargo, Lanes, Stuck, usualLanes } from '../../../scripts/import/lanes.js';
import type { Import } from '../../../src/actors/domain/thread/messages.js';
import type { ActorSystem, Address } from '../../../src/actors/runtime/actor.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';

const cargo = (n: number, content = 'x'): Cargo => ({
  line: n,
  item: { message_id: String(n), author: 'a', content, at: n, nonce: `n${n}`, mentions: [] },
});

/** Threads that store what they are asked to, and may fail first. */
class Threads {
  readonly stored = new Map<string, string[]>();
  readonly asks: { thread: string; count: number }[] = [];
  under = 0;
  most = 0;
  readonly #busy = new Set<string>();
  overlapped = false;

  constructor(private readonly before: (thread: string, attempt: number) => Promise<void> = async () => undefined) {}

  readonly system: Pick<ActorSystem, 'ask'> = {
    ask: (async (to: Address, message: Import) => {
      this.overlapped ||= this.#busy.has(to.key);
      this.#busy.add(to.key);
      this.under++;
      this.most = Math.max(this.most, this.under);
      this.asks.push({ thread: to.key, count: message.items.length });
      try {
        // Some answer sooner than others.
        for (let wait = (this.asks.length * 7) % 5; wait >= 0; wait--) await new Promise((resolve) => setImmediate(resolve));
        await this.before(to.key, this.asks.filter((a) => a.thread === to.key).length);
        const there = this.stored.get(to.key) ?? [];
        this.stored.set(to.key, there);
        const fresh = message.items.filter((item) => !there.includes(item.nonce));
        there.push(...fresh.map((item) => item.nonce));
        return { stored: fresh.length, known: message.items.length - fresh.length };
      } finally {
        this.under--;
        this.#busy.delete(to.key);
      }
    }) as ActorSystem['ask'],
  };
}

const silent = () => undefined;

test('the messages of one thread go one ask after another, in order; threads go side by side, within bounds', async () => {
  const threads = new Threads();
  const lanes = new Lanes(threads.system, new FakeClock(), silent, { ...usualLanes, asks: 4, items: 3 });
  for (let n = 0; n < 200; n++) lanes.push(`t${n % 10}`, [cargo(n)]);
  await lanes.downTo(0);
  expect(threads.overlapped).toBe(false);
  expect(threads.most).toBe(4);
  expect(Math.max(...threads.asks.map((a) => a.count))).toBe(3);
  for (let t = 0; t < 10; t++) expect(threads.stored.get(`t${t}`)).toEqual(Array.from({ length: 20 }, (_, i) => `n${i * 10 + t}`));
  expect([lanes.stored, lanes.known, lanes.open]).toEqual([200, 0, 0]);
});

test('long texts travel in smaller loads, and one that is too long alone', async () => {
  const threads = new Threads();
  const lanes = new Lanes(threads.system, new FakeClock(), silent, { ...usualLanes, asks: 1, units: 10 });
  lanes.push('t', [cargo(1, 'x'.repeat(50)), cargo(2, 'x'.repeat(6)), cargo(3, 'xxxx'), cargo(4, 'x')]);
  await lanes.downTo(0);
  expect(threads.asks.map((a) => a.count)).toEqual([1, 2, 1]);
});

test('an ask that fails for the moment is made again, and nothing is stored twice or out of order', async () => {
  const clock = new FakeClock();
  const threads = new Threads(async (_thread, attempt) => {
    if (attempt <= 2) throw new Fault('timeout');
  });
  const lanes = new Lanes(threads.system, clock, silent, { ...usualLanes, items: 2 });
  lanes.push(
    't',
    [1, 2, 3, 4, 5].map((n) => cargo(n)),
  );
  let done = false;
  const waiting = lanes.downTo(0).then(() => {
    done = true;
  });
  while (!done) await clock.advance(100);
  await waiting;
  expect(threads.stored.get('t')).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
});

test('what a thread refuses for good is told, and others go on', async () => {
  const threads = new Threads(async (thread) => {
    if (thread === 'gone') throw new Fault('not_found');
  });
  const refused: number[] = [];
  const lanes = new Lanes(threads.system, new FakeClock(), (them) => refused.push(...them.map((c) => c.line)));
  lanes.push('gone', [cargo(1), cargo(2)]);
  lanes.push('t', [cargo(3)]);
  await lanes.downTo(0);
  expect(refused).toEqual([1, 2]);
  expect(lanes.stored).toBe(1);
});

test('a cluster that does not come back ends the import', async () => {
  const clock = new FakeClock();
  const threads = new Threads(async () => {
    throw new Fault('unavailable');
  });
  const lanes = new Lanes(threads.system, clock, silent, { ...usualLanes, patienceMs: 10_000 });
  lanes.push('t', [cargo(1)]);
  const outcome = expect(lanes.downTo(0)).rejects.toBeInstanceOf(Stuck);
  for (let i = 0; i < 300; i++) await clock.advance(100);
  await outcome;
});

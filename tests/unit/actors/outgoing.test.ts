import { expect, test } from '@jest/globals';
import type { MailEntry } from '../../../src/actors/cluster/mail.js';
import { defaultOutgoing, Outgoing } from '../../../src/actors/cluster/outgoing.js';
import { currentWire } from '../../../src/actors/cluster/wire.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';

const world = () => {
  const entries: string[][] = [];
  const acknowledge: (() => void)[] = [];
  const send = (_to: string, entry: MailEntry): Promise<boolean> => {
    entries.push(JSON.parse(entry.body) as string[]);
    return new Promise((resolve) => acknowledge.push(() => resolve(true)));
  };
  const outgoing = new Outgoing({
    mail: { send, open: () => Promise.reject(new Error('not here')) },
    from: 'here',
    wire: currentWire,
    clock: new FakeClock(),
    logger: createLogger({ level: 'silent', node: 'test' }),
    telemetry: new Telemetry(),
    limits: { ...defaultOutgoing, enough: 4 },
    onGone: () => undefined,
  });
  let made = 0;
  const push = (count: number): void => {
    for (let i = 0; i < count; i++) outgoing.push('there', `${made++}`);
  };
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { outgoing, entries, acknowledge, push, tick, sizes: () => entries.map((items) => items.length) };
};

test('what is made in one tick leaves together at its end', async () => {
  const { push, tick, sizes } = world();
  push(3);
  await Promise.resolve();
  expect(sizes()).toEqual([]);
  await tick();
  expect(sizes()).toEqual([3]);
});

test('enough of it leaves at once; the rest waits for the entry under way, however much it is, and keeps its order', async () => {
  const { outgoing, push, tick, acknowledge, sizes, entries } = world();
  push(10);
  const isLeft = outgoing.mark();
  expect(sizes()).toEqual([4]);
  await tick();
  push(5);
  expect(sizes()).toEqual([4]);
  acknowledge[0]!();
  await tick();
  expect(sizes()).toEqual([4, 11]);
  expect(entries.flat()).toEqual(Array.from({ length: 15 }, (_, i) => i));
  expect(isLeft()).toBe(false);
  acknowledge[1]!();
  await tick();
  expect(isLeft()).toBe(true);
});

test('after it was idle the next tick gathers anew', async () => {
  const { push, tick, acknowledge, sizes } = world();
  push(4);
  acknowledge[0]!();
  await tick();
  push(1);
  push(1);
  await tick();
  expect(sizes()).toEqual([4, 2]);
});

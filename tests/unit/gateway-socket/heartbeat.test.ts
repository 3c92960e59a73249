import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { type Beating, Heartbeat } from '../../../src/gateway/socket/heartbeat.js';
import { type Clock, FakeClock } from '../../../src/kernel/clock.js';

const everyMs = 5_000;

/** As much of a connection as is looked at; it answers each ping at once. */
class Connection extends EventEmitter {
  readonly protocol = 4;
  readonly readyState = 'open';
  readonly writeBuffer = [];
  readonly pingTimeoutTimer = null;
  pingIntervalTimer: NodeJS.Timeout | null = setTimeout(() => undefined, 0);
  hasRefreshedPingTimeout = false;
  pings = 0;
  write = (): void => undefined;
  resetPingTimeout = (): void => undefined;
  sendPacket = (): void => void this.pings++;
}

/** Pings of each step of 50 ms in one interval. */
const interval = async (clock: FakeClock, all: readonly Connection[]): Promise<number[]> => {
  const total = (): number => all.reduce((sum, { pings }) => sum + pings, 0);
  const steps: number[] = [];
  for (let at = 0; at < everyMs; at += 50) {
    const before = total();
    await clock.advance(50);
    steps.push(total() - before);
  }
  return steps;
};

test('many connections are pinged a few at a time, few ones in fewer wake-ups, each once an interval', async () => {
  const clock = new FakeClock();
  const heartbeat = new Heartbeat(clock, everyMs);
  heartbeat.start();
  const all = Array.from({ length: 1_000 }, () => new Connection());
  for (const connection of all) heartbeat.take(connection as unknown as Beating);
  const few = await interval(clock, all);
  expect([few.filter((pings) => pings > 0).length, Math.max(...few)]).toEqual([20, 50]);
  expect(all.every(({ pings }) => pings === 1)).toBe(true);

  const more = Array.from({ length: 2_000 }, () => new Connection());
  for (const connection of more) heartbeat.take(connection as unknown as Beating);
  const many = await interval(clock, [...all, ...more]);
  expect([many.filter((pings) => pings > 0).length, Math.max(...many)]).toEqual([100, 30]);
  expect([all.every(({ pings }) => pings === 2), more.every(({ pings }) => pings === 1)]).toEqual([true, true]);

  for (const connection of more) connection.emit('close');
  // What had been taken together and what not: nobody is passed over when that changes within an interval.
  const again = await interval(clock, all);
  expect(again.filter((pings) => pings > 0).length).toBe(20);
  expect(all.every(({ pings }) => pings === 3)).toBe(true);
  heartbeat.stop();
});

test('a process that misses ticks of its timer pings as often: turns go by time', async () => {
  const clock = new FakeClock();
  // Each turn of its loop takes 200 ms, so of four ticks three are missed.
  const busy = { monotonic: () => clock.monotonic(), every: (_ms: number, act: () => void) => clock.every(200, act) } as unknown as Clock;
  const heartbeat = new Heartbeat(busy, everyMs);
  heartbeat.start();
  const all = Array.from({ length: 200 }, () => new Connection());
  for (const connection of all) heartbeat.take(connection as unknown as Beating);
  for (const times of [1, 2, 3]) {
    await interval(clock, all);
    expect(all.every(({ pings }) => pings === times)).toBe(true);
  }
  heartbeat.stop();
});

import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { beforeEach, expect, test } from '@jest/globals';
import { createProxyCheck } from '../../../src/gateway/address.js';
import { Arrivals } from '../../../src/gateway/socket/arrivals.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';

class Tcp extends EventEmitter {
  destroyed = false;
  constructor(readonly remoteAddress: string | undefined) {
    super();
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

class Answer extends EventEmitter {
  destroyed = false;
  constructor(readonly writableLength: number) {
    super();
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const addressOf = (request: unknown): string => (request as { address: string }).address;
let http: EventEmitter;
let arrivals: Arrivals;
let telemetry: Telemetry;
let clock: FakeClock;
const watch = (trustProxy: number | string[]): void => {
  http = new EventEmitter();
  telemetry = new Telemetry();
  clock = new FakeClock();
  const bounds = { total: 10, perAddress: 4, perSite: 6, unreadPerAddress: 100, unreadTotal: 250 };
  arrivals = new Arrivals({ bounds, isProxy: createProxyCheck(trustProxy), addressOf, clock, telemetry });
  arrivals.watch(http as Server);
};
beforeEach(() => watch(0));
const come = (address: string | undefined, count = 1): Tcp[] =>
  Array.from({ length: count }, () => {
    const tcp = new Tcp(address);
    http.emit('connection', tcp);
    return tcp;
  });
const open = (all: Tcp[]): number => all.filter(({ destroyed }) => !destroyed).length;
const held = async (): Promise<number> => (await telemetry.httpConnections.get()).values[0]!.value;

test('connections of an address are bounded, however it is written, and of all together; a quiet one gets in', async () => {
  expect(open([...come('10.0.0.1', 3), ...come('::ffff:10.0.0.1', 3)])).toBe(4);
  expect(open(come('10.0.0.2', 9))).toBe(4);
  expect(open(come('10.0.0.3', 2))).toBe(2);
  expect(open(come('10.0.0.4'))).toBe(1);
  expect(await held()).toBe(10);
});

test('what ends or becomes a WebSocket leaves its place, without a trace on the connection', async () => {
  const [closed, upgraded] = come('10.0.0.1', 4);
  closed!.destroy();
  arrivals.upgraded(upgraded!);
  arrivals.upgraded(upgraded!);
  expect([upgraded!.listenerCount('close'), await held()]).toEqual([0, 2]);
  expect(open(come('10.0.0.1', 3))).toBe(2);
});

test('a proxy’s connections are everybody’s', () => {
  watch(['10.0.0.0/24']);
  expect([open(come('10.0.0.1', 50)), open(come('10.0.1.1', 50))]).toEqual([50, 4]);
  watch(1);
  expect(open(come('10.0.1.1', 50))).toBe(50);
});

test('one that has gone before it was looked at is let go', () => {
  expect(open(come(undefined))).toBe(0);
});

test.each<[string, [string, number][], number[]]>([
  [
    'little waits',
    [
      ['10.0.0.1', 50],
      ['10.0.0.1', 50],
    ],
    [0, 1],
  ],
  [
    'one address lets too much wait: what holds most ends',
    [
      ['10.0.0.1', 50],
      ['10.0.0.1', 90],
      ['10.0.0.2', 90],
    ],
    [0, 2],
  ],
  [
    'one answer alone is too much',
    [
      ['10.0.0.1', 101],
      ['10.0.0.2', 1],
    ],
    [1],
  ],
  [
    'all together let too much wait',
    [
      ['10.0.0.1', 100],
      ['10.0.0.2', 99],
      ['10.0.0.3', 98],
      ['10.0.0.4', 0],
    ],
    [1, 2, 3],
  ],
])('of what nobody reads no more is kept than may be: %s', async (_what, waits, left) => {
  // Behind a proxy too, whose connections are not counted.
  watch(1);
  const all = waits.map(([address, bytes]) => {
    const answer = new Answer(bytes);
    http.emit('request', { address }, answer);
    return answer;
  });
  await clock.advance(250);
  expect(all.flatMap(({ destroyed }, n) => (destroyed ? [] : [n]))).toEqual(left);
  arrivals.stop();
});

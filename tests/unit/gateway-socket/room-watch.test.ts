import { beforeEach, describe, expect, test } from '@jest/globals';
import { HeadCheck } from '../../../src/gateway/socket/head-check.js';
import { RoomWatch } from '../../../src/gateway/socket/room-watch.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { createLogger } from '../../../src/kernel/logger.js';

const logger = createLogger({ level: 'silent', node: 'test' });
let clock: FakeClock;
let told: [string, number][];
let gossiped: (readonly (readonly [string, number])[])[];
let heads: Map<string, number | Fault>;
let asked: string[];
let underWay: number;
let most: number;
let watch: RoomWatch;
let check: HeadCheck;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  gossiped = [];
  heads = new Map();
  asked = [];
  underWay = 0;
  most = 0;
  watch = new RoomWatch({
    port: {
      resync: (threadId, rev) => void told.push([threadId, rev]),
      gossip: (list) => void gossiped.push(list),
    },
    clock,
  });
  check = new HeadCheck({
    places: () => watch.threads(),
    head: async (threadId) => {
      asked.push(threadId);
      most = Math.max(most, ++underWay);
      await clock.sleep(10);
      underWay--;
      const head = heads.get(threadId) ?? 0;
      if (head instanceof Fault) throw head;
      return head;
    },
    found: (threadId, rev) => watch.heard([[threadId, rev]]),
    clock,
    logger,
  });
  watch.start();
});

const room = (threadId: string, head: number): void => {
  watch.roomMade(threadId);
  watch.opened(threadId, head);
};

describe('a head that others speak of', () => {
  test('is told when it has not passed two seconds later, once', async () => {
    room('t', 5);
    watch.heard([['t', 6]]);
    await clock.advance(1_900);
    expect(told).toEqual([]);
    await clock.advance(1_200);
    expect(told).toEqual([['t', 6]]);
    watch.heard([['t', 6]]);
    await clock.advance(10_000);
    expect(told).toHaveLength(1);
    watch.heard([['t', 7]]);
    await clock.advance(10_000);
    expect(told).toEqual([
      ['t', 6],
      ['t', 7],
    ]);
  });

  test('is not told when it passes in time, was known, or nobody is there', async () => {
    room('t', 5);
    watch.heard([
      ['t', 6],
      ['nobody', 9],
      ['t', 5],
    ]);
    await clock.advance(1_500);
    watch.passing('t', 6);
    await clock.advance(10_000);
    watch.heard([
      ['t', 6],
      ['t', 3],
    ]);
    await clock.advance(10_000);
    expect(told).toEqual([]);
  });

  test('that moves on while the room keeps up is not told', async () => {
    room('t', 0);
    for (let rev = 1; rev < 200; rev++) {
      watch.heard([['t', rev]]);
      await clock.advance(100);
      if (rev > 5) watch.passing('t', rev - 5);
    }
    expect(told).toEqual([]);
    await clock.advance(10_000);
    expect(told).toEqual([['t', 199]]);
  });

  test('is forgotten with the room', async () => {
    room('t', 5);
    watch.heard([['t', 6]]);
    watch.roomEmptied('t');
    await clock.advance(10_000);
    expect(told).toEqual([]);
    expect(watch.rooms).toBe(0);
  });
});

describe('subscribers that come later', () => {
  test('do not hide what an earlier one missed', async () => {
    room('t', 5);
    watch.opened('t', 8);
    await clock.advance(4_000);
    expect(told).toEqual([['t', 8]]);
  });

  test('to a silent room cause nothing', async () => {
    room('t', 100);
    for (let i = 0; i < 10; i++) watch.opened('t', 100);
    await clock.advance(10_000);
    expect(told).toEqual([]);
  });

  test('whose answer is older than the first one’s are told, unless the rest passed by', () => {
    room('t', 8);
    watch.opened('t', 6);
    expect(told).toEqual([['t', 8]]);
    room('u', 8);
    watch.passing('u', 8);
    watch.opened('u', 6);
    expect(told).toEqual([['t', 8]]);
  });
});

describe('heads of this node', () => {
  test('are spoken of every five seconds for half a minute, at most 500 at once', async () => {
    for (let n = 0; n < 1_200; n++) watch.reached(`t${n}`, n);
    watch.reached('t7', 3);
    watch.reached('t7', 9);
    await clock.advance(5_000);
    expect(gossiped.map((list) => list.length)).toEqual([500, 500, 200]);
    expect(new Map(gossiped.flat()).get('t7')).toBe(9);
    await clock.advance(60_000);
    expect(gossiped).toHaveLength(15);
  });

  test('are checked against this node’s own rooms too', async () => {
    room('t', 1);
    watch.reached('t', 2);
    await clock.advance(8_000);
    expect(told).toEqual([['t', 2]]);
  });
});

describe('when a node died', () => {
  test('every room’s head is asked for, sixteen at a time, and what lags is told', async () => {
    for (let n = 0; n < 100; n++) {
      room(`t${n}`, 10);
      heads.set(`t${n}`, n < 3 ? 11 : 10);
    }
    check.run();
    await clock.advance(5_000);
    expect(told).toEqual([
      ['t0', 11],
      ['t1', 11],
      ['t2', 11],
    ]);
    expect(new Set(asked).size).toBe(100);
    expect(most).toBe(16);
  });

  test('what has no owner yet is asked again; what is gone is not', async () => {
    room('t', 1);
    room('gone', 1);
    heads.set('t', new Fault('unavailable'));
    heads.set('gone', new Fault('not_found'));
    check.run();
    await clock.advance(1_000);
    expect(asked.sort()).toEqual(['gone', 't']);
    heads.set('t', 2);
    await clock.advance(10_000);
    expect(told).toEqual([['t', 2]]);
    expect(asked.filter((t) => t === 'gone')).toHaveLength(1);
  });

  test('a second death during a check leads to one more check', async () => {
    room('t', 1);
    check.run();
    check.run();
    check.run();
    await clock.advance(1_000);
    expect(asked).toHaveLength(2);
    check.run();
    await clock.advance(1_000);
    expect(asked).toHaveLength(3);
  });
});

test('after a stop nothing is said or asked', async () => {
  room('t', 1);
  watch.reached('t', 2);
  watch.stop();
  await clock.advance(60_000);
  expect([...told, ...gossiped]).toEqual([]);
});

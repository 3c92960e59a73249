import { beforeEach, expect, test } from '@jest/globals';
import { TokenEnds } from '../../../src/gateway/socket/token-ends.js';
import { FakeClock } from '../../../src/kernel/clock.js';

let clock: FakeClock;
let ended: string[];
let ends: TokenEnds<string>;

beforeEach(() => {
  clock = new FakeClock();
  ended = [];
  ends = new TokenEnds(clock, (item) => ended.push(item));
  ends.start();
});

test('each ends after its time and within a second of it', async () => {
  const begin = clock.now();
  for (const ms of [0, 1, 999, 1_000, 1_001, 5_500]) ends.add(`${ms}`, begin + ms);
  for (let now = begin; now < begin + 8_000; now = clock.now()) {
    await clock.advance(100);
    for (const item of ended) expect(begin + Number(item)).toBeLessThanOrEqual(clock.now());
    const due = [0, 1, 999, 1_000, 1_001, 5_500].filter((ms) => begin + ms + 1_000 <= clock.now());
    expect(ended.length).toBeGreaterThanOrEqual(due.length);
  }
  expect([...ended].sort()).toEqual(['0', '1', '1000', '1001', '5500', '999']);
});

test('one that is gone does not end, nor what is shared with it earlier or later', async () => {
  const at = clock.now() + 3_000;
  ends.add('a', at);
  ends.add('b', at);
  ends.remove('a', at);
  ends.remove('never', at);
  ends.remove('never', at + 60_000);
  await clock.advance(5_000);
  expect(ended).toEqual(['b']);
});

test('thousands that end together let others have their turn', async () => {
  for (let i = 0; i < 1_200; i++) ends.add(`${i}`, clock.now() + 500);
  await clock.advance(2_000);
  for (let turns = 0; ended.length < 1_200 && turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
  expect(new Set(ended).size).toBe(1_200);
});

test('nothing ends once it is stopped', async () => {
  ends.add('a', clock.now() + 1_000);
  ends.stop();
  await clock.advance(5_000);
  expect(ended).toEqual([]);
});

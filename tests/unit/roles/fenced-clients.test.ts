import { beforeEach, expect, test } from '@jest/globals';
import type { ClusterNode } from '../../../src/actors/cluster/node.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { fencedClients } from '../../../src/roles/fenced-clients.js';

type Why = Parameters<Parameters<ClusterNode['onFenced']>[0]>[0];

let clock: FakeClock;
let fence: (why: Why) => void;
let rejoin: () => void;
let done: string[];

beforeEach(() => {
  clock = new FakeClock();
  done = [];
  fencedClients(
    {
      onFenced: (listener) => {
        fence = listener;
      },
      onRejoined: (listener) => {
        rejoin = listener;
      },
    },
    {
      moveAway: () => void done.push('move away'),
      takeBack: () => void done.push('take back'),
      checkAll: () => void done.push('check all'),
    },
    clock,
  );
});

test('after a stall clients are moved at once', async () => {
  fence('stalled');
  expect(done).toEqual(['move away']);
  rejoin();
  await clock.advance(10_000);
  expect(done).toEqual(['move away', 'take back', 'check all']);
});

test('without Redis they are moved when it does not come back soon', async () => {
  fence('unreachable');
  await clock.advance(2_999);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(done).toEqual(['move away']);
});

test('when Redis comes back soon they stay, and look for what they missed', async () => {
  fence('unreachable');
  await clock.advance(2_000);
  rejoin();
  await clock.advance(10_000);
  expect(done).toEqual(['take back', 'check all']);
});

test('when Redis lost the lease they stay', async () => {
  fence('lost');
  await clock.advance(10_000);
  expect(done).toEqual([]);
  rejoin();
  expect(done).toEqual(['take back', 'check all']);
});

test('fenced again, only the last reason counts', async () => {
  fence('unreachable');
  await clock.advance(1_000);
  rejoin();
  fence('lost');
  await clock.advance(10_000);
  expect(done).toEqual(['take back', 'check all']);
});

import { describe, expect, it } from '@jest/globals';
import { markUnserved } from '../../../proof/chaos/unserved-claims.js';
import { check } from '../../../proof/history/check.js';
import type { Entry } from '../../../proof/history/history.js';
import { slotOf } from '../../../src/actors/cluster/slot.js';

const address = 'thread:65f000000000000000000001';
const slot = slotOf({ kind: 'thread', key: '65f000000000000000000001' });
const claimed = (at: number, instance: string, epoch: number): Entry => ({ kind: 'claimed', at, slot, instance, epoch });
const active = (at: number, instance: string, epoch: number): Entry => ({ kind: 'activation', at, address, instance, epoch, on: true });
const final = { messages: [], cursors: [], notifications: [], presence: [], gauges: [], defects: [], removalBoundMs: 0 };
const violated = (entries: Entry[]): number[] =>
  check({ title: 'claims', entries: markUnserved(entries), final }).violations.map(({ invariant }) => invariant);

describe('Claims after Redis has lost its epochs', () => {
  const before = [claimed(0, 'a-1', 7)];

  it('are no step back when they are given up unserved and made again above the witnessed epoch', () => {
    expect(violated([...before, claimed(10, 'a-2', 1), claimed(20, 'a-2', 8), active(30, 'a-2', 8)])).toEqual([]);
    // Without the mark it would be one.
    const bare = check({ title: 'claims', entries: [...before, claimed(10, 'a-2', 1), claimed(20, 'a-2', 8)], final });
    expect(bare.violations.map(({ invariant }) => invariant)).toEqual([7]);
  });

  it('are no step back when another node takes the slot instead, above the witnessed epoch', () => {
    expect(violated([...before, claimed(10, 'a-2', 1), claimed(20, 'b-1', 8), active(30, 'b-1', 8)])).toEqual([]);
    expect(violated([...before, claimed(10, 'a-2', 1), active(15, 'a-2', 1), claimed(20, 'b-1', 8)])).toEqual([7]);
  });

  it('are one when the slot never came above the witnessed epoch again', () => {
    expect(violated([...before, claimed(10, 'a-2', 1), claimed(20, 'b-1', 6)])).toEqual([7, 7]);
    expect(violated([...before, claimed(10, 'a-2', 1), claimed(20, 'b-1', 8), claimed(30, 'b-2', 5)])).toEqual([7, 7]);
  });

  it('are one when something was activated under them', () => {
    expect(violated([...before, claimed(10, 'a-2', 1), active(15, 'a-2', 1), claimed(20, 'a-2', 8)])).toEqual([7]);
  });

  it('are one when they stay as they are', () => {
    expect(violated([...before, claimed(10, 'a-2', 1)])).toEqual([7]);
  });
});

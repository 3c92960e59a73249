import { describe, expect, it } from '@jest/globals';
import { desiredOwners } from '../../../src/actors/cluster/placement.js';
import { SLOTS, slotOf } from '../../../src/actors/cluster/slot.js';

const instances = (n: number): string[] => Array.from({ length: n }, (_, i) => `node${i}-${'abcdefgh'.slice(0, 4)}${i * 7919}`);

describe('placement', () => {
  it('is the same in whatever order the instances are named', () => {
    expect(desiredOwners(instances(5).reverse())).toEqual(desiredOwners(instances(5)));
  });

  it.each([2, 3, 5, 8, 16])('gives each of %i instances about its share', (n) => {
    const counts = new Map<string, number>();
    for (const owner of desiredOwners(instances(n))) counts.set(owner!, (counts.get(owner!) ?? 0) + 1);
    const share = SLOTS / n;
    expect(counts.size).toBe(n);
    // Four standard deviations of a fair draw.
    const slack = 4 * Math.sqrt(share);
    for (const count of counts.values()) expect(Math.abs(count - share)).toBeLessThan(slack);
  });

  it('moves only what a new instance wins, and what a dead one held', () => {
    const before = desiredOwners(instances(4));
    const after = desiredOwners(instances(5));
    const newcomer = instances(5)[4];
    for (let slot = 0; slot < SLOTS; slot++) expect([before[slot], newcomer]).toContain(after[slot]);
    expect(after.filter((owner) => owner === newcomer).length).toBeGreaterThan(SLOTS / 10);
  });

  it('gives nothing to nobody', () => {
    expect(desiredOwners([])[0]).toBeUndefined();
  });

  it('spreads addresses evenly over the slots', () => {
    const counts = new Array<number>(SLOTS).fill(0);
    for (let i = 0; i < SLOTS * 100; i++) counts[slotOf({ kind: 'thread', key: i.toString(16).padStart(24, '0') })]!++;
    expect(Math.max(...counts)).toBeLessThan(150);
    expect(Math.min(...counts)).toBeGreaterThan(60);
  });
});

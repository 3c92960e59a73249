import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Ranking } from '../../../src/kernel/ranking.js';

interface Entry {
  at: number;
  weight: number;
  readonly born: number;
}

const ranking = () => {
  let comparisons = 0;
  const comesBefore = (a: Entry, b: Entry): boolean => {
    comparisons++;
    return a.weight > b.weight || (a.weight === b.weight && a.born < b.born);
  };
  return { ranked: new Ranking(comesBefore), compared: () => comparisons, comesBefore };
};

describe('a ranking', () => {
  it('knows what comes first, whatever comes, changes and goes', () => {
    const step = fc.record({ which: fc.nat(30), weight: fc.nat(6), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { ranked, comesBefore } = ranking();
        const all: Entry[] = [];
        for (const [born, { which, weight, leaves }] of steps.entries()) {
          const known = all[which];
          if (known && leaves) {
            all.splice(which, 1);
            ranked.remove(known);
          } else if (known) {
            known.weight = weight;
            ranked.changed(known);
          } else {
            const entry = { at: 0, weight, born };
            all.push(entry);
            ranked.add(entry);
          }
          expect(ranked.first).toBe([...all].sort((a, b) => (comesBefore(a, b) ? -1 : 1))[0]);
        }
      }),
    );
  });

  it('compares a few of ten thousand at each change', () => {
    const { ranked, compared } = ranking();
    const all = Array.from({ length: 10_000 }, (_, born) => ({ at: 0, weight: (born * 7_919) % 10_007, born }));
    const most = 2 * Math.ceil(Math.log2(all.length)) + 2;
    const within = (change: () => void): void => {
      const before = compared();
      change();
      expect(compared() - before).toBeLessThanOrEqual(most);
    };
    for (const entry of all) within(() => ranked.add(entry));
    for (const entry of all.filter(({ born }) => born % 3 === 0)) {
      entry.weight = (entry.weight * 31) % 10_007;
      within(() => ranked.changed(entry));
    }
    for (const entry of all) within(() => ranked.remove(entry));
    expect(ranked.first).toBeUndefined();
  });
});

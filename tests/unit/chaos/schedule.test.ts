import { describe, expect, it } from '@jest/globals';
import { faultKinds, faultNames } from '../../../proof/chaos/fault-names.js';
import { planSchedule, type Step } from '../../../proof/chaos/schedule.js';

const plan = (minutes: number, seed: number, faults = faultNames): Step[] => planSchedule({ minutes, nodes: 3, seed, faults });
const namesOf = (steps: readonly Step[]): string[] => steps.map(({ faults }) => faults[0]!.name);

describe('The schedule of faults', () => {
  it('is decided by its seed', () => {
    expect(plan(15, 5)).toEqual(plan(15, 5));
    expect(namesOf(plan(15, 5))).not.toEqual(namesOf(plan(15, 6)));
  });

  it('has every fault in 15 minutes, each once before any twice', () => {
    for (let seed = 0; seed < 50; seed++) {
      const names = namesOf(plan(15, seed));
      expect(new Set(names.slice(0, faultNames.length))).toEqual(new Set(faultNames));
    }
  });

  it('has two at once only near the end', () => {
    const pairs = Array.from({ length: 50 }, (_x, seed) => plan(15, seed)).flatMap((steps) =>
      steps.filter(({ faults }) => faults.length > 1),
    );
    expect(pairs.length).toBeGreaterThan(0);
    for (const { at, faults } of pairs) {
      expect(at).toBeGreaterThan(0.85 * 900);
      expect(new Set(faults.map(({ name }) => name)).size).toBe(2);
    }
  });

  it('fits into its minutes and leaves time between faults', () => {
    for (const minutes of [0.5, 1, 2, 5, 15, 40]) {
      for (let seed = 0; seed < 20; seed++) {
        const steps = plan(minutes, seed);
        expect(steps.length).toBeGreaterThan(0);
        for (const [i, step] of steps.entries()) {
          const end = step.at + faultKinds[step.faults[0]!.name].seconds;
          expect(end).toBeLessThanOrEqual(steps[i + 1]?.at ?? minutes * 60);
          expect(step.faults[0]!.node).toBeLessThan(3);
        }
      }
    }
  });

  it('keeps to the faults that are asked for, in their order', () => {
    expect(namesOf(plan(1, 1, ['redis-killed', 'node-killed']))).toEqual(['redis-killed', 'node-killed']);
    expect(namesOf(plan(0.3, 1, ['mongodb-stopped']))).toEqual(['mongodb-stopped']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { faultKinds, faultNames } from '../../../proof/chaos/fault-names.js';
import { leftOut, minutesFor, planSchedule, type Step } from '../../../proof/chaos/schedule.js';

const plan = (minutes: number, seed: number, faults = faultNames): Step[] => planSchedule({ minutes, nodes: 3, seed, faults });
const namesOf = (steps: readonly Step[]): string[] => steps.map(({ faults }) => faults[0]!.name);

describe('The schedule of faults', () => {
  it('is decided by its seed', () => {
    expect(plan(15, 5)).toEqual(plan(15, 5));
    expect(namesOf(plan(15, 5))).not.toEqual(namesOf(plan(15, 6)));
  });

  it('has every fault in 15 minutes by itself, and then some two at once, all within the time', () => {
    for (let seed = 0; seed < 50; seed++) {
      const steps = plan(15, seed);
      const single = steps.filter(({ faults }) => faults.length === 1).map(({ faults }) => faults[0]!.name);
      expect(single.toSorted()).toEqual(faultNames.toSorted());
      expect(leftOut(steps)).toEqual([]);
      const lasting = steps.map(({ faults }) => Math.max(...faults.map(({ name }) => faultKinds[name].seconds)));
      expect(lasting.reduce((sum, seconds) => sum + seconds + 8, 0)).toBeLessThanOrEqual(15 * 60 - 40);
    }
  });

  it('has all that a cluster must survive', () => {
    const of = new Set(plan(15, 1).flatMap(({ faults }) => faults.map(({ name }) => name)));
    for (const name of [
      ...([
        'node-killed',
        'node-paused',
        'slots-contested',
        'redis-killed',
        'redis-emptied',
        'redis-flushed',
        'redis-rolled-back',
      ] as const),
      ...(['mongodb-stopped', 'partition-redis', 'partition-mongodb', 'partition-both', 'slow-readers', 'stalled-readers'] as const),
      ...(['poison-messages', 'poison-jobs', 'overload', 'reconnect-storm', 'streams-trimmed', 'redis-disk-full'] as const),
      ...(['rolling-restart', 'redis-reply-dropped', 'mongodb-reply-dropped', 'half-open', 'cut-mid-frame', 'latency'] as const),
    ])
      expect(of).toContain(name);
  });

  it('has two at once at the end alone', () => {
    for (let seed = 0; seed < 50; seed++) {
      const steps = plan(15, seed);
      const pairs = steps.filter(({ faults }) => faults.length > 1);
      expect(pairs.length).toBeGreaterThan(0);
      expect(steps.slice(-pairs.length)).toEqual(pairs);
      for (const { at, faults } of pairs) {
        expect(at).toBeGreaterThan(0.75 * 900);
        expect(new Set(faults.map(({ name }) => name)).size).toBe(2);
      }
    }
  });

  it('says which faults a short run leaves out', () => {
    const steps = plan(2, 1);
    expect(leftOut(steps).toSorted()).toEqual(faultNames.filter((name) => !namesOf(steps).includes(name)).toSorted());
    expect(leftOut(steps).length).toBeGreaterThan(0);
  });

  it('fits the faults into the minutes that they are said to need', () => {
    for (const faults of [faultNames, faultNames.slice(0, 5), faultNames.slice(0, 1)]) {
      const steps = plan(minutesFor(faults), 1, faults);
      expect(namesOf(steps).toSorted()).toEqual(faults.toSorted());
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
    expect(namesOf(plan(1, 1, ['mongodb-stopped']))).toEqual(['mongodb-stopped']);
  });
});

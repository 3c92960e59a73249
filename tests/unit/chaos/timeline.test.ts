import { describe, expect, it } from '@jest/globals';
import { percentile, recoveryMs, type Second, Timeline, usualRate } from '../../../proof/chaos/timeline.js';

const seconds = (...rates: number[]): Second[] =>
  rates.map((acknowledged) => ({ acknowledged, delivered: 0, failed: 0, p50: null, p99: null }));

describe('The figures of a run', () => {
  it('gives percentiles by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_x, i) => i + 1);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNull();
  });

  it('counts by second', () => {
    const timeline = new Timeline();
    timeline.acknowledged(100, 5);
    timeline.acknowledged(900, 15);
    timeline.delivered(2_500);
    timeline.failed(2_600);
    expect(timeline.seconds()).toEqual([
      { acknowledged: 2, delivered: 0, failed: 0, p50: 5, p99: 15 },
      { acknowledged: 0, delivered: 0, failed: 0, p50: null, p99: null },
      { acknowledged: 0, delivered: 1, failed: 1, p50: null, p99: null },
    ]);
    expect(timeline.rate(1_500)).toBe(2);
  });

  it('sees a recovery in the first of two good seconds in a row', () => {
    const run = seconds(100, 100, 10, 90, 10, 80, 95, 100);
    expect(usualRate(run, 0, 2_000)).toBe(100);
    expect(recoveryMs(run, 2_000, 8_000, 100)).toBe(3_000);
    expect(recoveryMs(run, 6_000, 8_000, 100)).toBe(0);
    expect(recoveryMs(run, 2_000, 5_000, 100)).toBeNull();
  });
});

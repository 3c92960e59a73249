import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Allowance,
  costOf,
  defaultAllowance,
  refusedCost,
  retryAfterMs,
  spend,
  verdictOn,
} from '../../../src/gateway/limits/allowance.js';

const small: Allowance = { perSecond: 10, burst: 100, end: 200 };

/** Frames at times, all of one cost: how each is taken. */
const play = (allowance: Allowance, frames: number, everyMs: number, cost: (verdict: string) => number): string[] => {
  let paidOffAt = 0;
  return Array.from({ length: frames }, (_x, n) => {
    const now = n * everyMs;
    paidOffAt = spend(paidOffAt, cost('within'), now, allowance);
    const verdict = verdictOn(paidOffAt, now, allowance);
    if (verdict === 'over') paidOffAt = spend(paidOffAt, refusedCost, now, allowance);
    return verdict;
  });
};
const count = (verdicts: string[], verdict: string): number => verdicts.filter((one) => one === verdict).length;

describe('an allowance', () => {
  test.each([
    ['a new connection owes nothing', 0, 0, 0, 'within'],
    ['a burst is spent at once', 0, 100, 0, 'within'],
    ['a point more is too much', 0, 101, 0, 'over'],
    ['twice as much ends it', 0, 201, 0, 'ended'],
    ['with time it comes back', 0, 101, 100, 'within'],
    ['not before its time', 0, 102, 100, 'over'],
  ])('%s', (_what, at, points, later, verdict) => {
    expect(verdictOn(spend(at, points, 0, small), later, small)).toBe(verdict);
  });

  test.each([
    ['ten messages a second for an hour', 36_000, 100, 1],
    ['a catch-up of 500 joins, three requests each', 1_500, 0, 1.1],
    ['the longest messages in four-byte letters as fast as the limit of sends allows, for ten seconds', 60, 166, costOf(1, 41_000)],
    ['one frame of the full size', 1, 0, costOf(1, 1_000_000)],
    ['a key pressed thirty times a second, for a minute', 1_800, 33, 1],
  ])('%s are within the default', (_what, frames, everyMs, cost) => {
    expect(
      count(
        play(defaultAllowance, frames, everyMs, () => cost),
        'within',
      ),
    ).toBe(frames);
  });

  test.each([
    ['frames without end', 1],
    ['unknown events without end', 1 + refusedCost],
    ['frames of 60 kB without end', costOf(1, 60_000)],
  ])('%s are refused first and ended then', (_what, cost) => {
    const verdicts = play(defaultAllowance, 10_000, 1, () => cost);
    expect(verdicts.indexOf('over')).toBeGreaterThan(0);
    expect(verdicts.indexOf('ended')).toBeGreaterThan(verdicts.indexOf('over'));
    expect(verdicts.lastIndexOf('within')).toBeLessThan(verdicts.indexOf('over'));
  });

  test('whatever is sent when: no more is taken in any time than the burst and what came back, and who waits as told is taken', () => {
    const sends = fc.array(fc.record({ after: fc.nat(5_000), points: fc.integer({ min: 1, max: 60 }) }), { maxLength: 200 });
    fc.assert(
      fc.property(sends, (all) => {
        let [paidOffAt, now, taken] = [0, 0, 0];
        for (const { after, points } of all) {
          now += after;
          paidOffAt = spend(paidOffAt, points, now, small);
          if (verdictOn(paidOffAt, now, small) === 'within') taken += points;
          expect(taken).toBeLessThanOrEqual(small.burst + (now * small.perSecond) / 1_000 + 1e-6);
        }
        if (verdictOn(paidOffAt, now, small) === 'within') return;
        now += retryAfterMs(paidOffAt, now, small);
        expect(verdictOn(spend(paidOffAt, small.burst / 10, now, small), now, small)).toBe('within');
      }),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import { BackOff } from '../../scripts/services/back-off.js';

describe('the wait before starting again what has died', () => {
  test('doubles up to a most', () => {
    const backOff = new BackOff(500, 4000, 60_000);
    expect([1, 2, 3, 4, 5].map(() => backOff.afterLifeOf(100))).toEqual([500, 1000, 2000, 4000, 4000]);
  });

  test('begins anew after a long life', () => {
    const backOff = new BackOff(500, 30_000, 60_000);
    backOff.afterLifeOf(0);
    backOff.afterLifeOf(0);
    expect(backOff.afterLifeOf(60_000)).toBe(500);
    expect(backOff.afterLifeOf(0)).toBe(1000);
  });
});

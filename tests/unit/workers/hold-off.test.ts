import { expect, test } from '@jest/globals';
import { HoldOff } from '../../../src/workers/hold-off.js';

test('a quiet thread is due at once, a busy one once an interval', () => {
  const holdOff = new HoldOff(1_000, 10);
  holdOff.add('a');
  holdOff.add('a');
  expect(holdOff.take(0, 10)).toEqual(['a']);
  holdOff.add('a');
  holdOff.add('b');
  expect(holdOff.take(100, 10)).toEqual(['b']);
  expect(holdOff.size).toBe(1);
  expect(holdOff.take(999, 10)).toEqual([]);
  expect(holdOff.take(1_000, 10)).toEqual(['a']);
  expect(holdOff.take(5_000, 10)).toEqual([]);
});

test('says when the first of those that wait is due', () => {
  const holdOff = new HoldOff(1_000, 10);
  expect(holdOff.firstDueIn(0)).toBe(Number.POSITIVE_INFINITY);
  holdOff.add('a');
  expect([holdOff.dueIn('a', 0), holdOff.firstDueIn(0)]).toEqual([0, 0]);
  holdOff.take(0, 10);
  holdOff.add('a');
  expect([holdOff.dueIn('a', 400), holdOff.firstDueIn(400)]).toEqual([600, 600]);
  holdOff.add('b');
  expect(holdOff.firstDueIn(400)).toBe(0);
  holdOff.take(400, 10);
  expect(holdOff.firstDueIn(1_500)).toBe(0);
});

test('at the end everything is due', () => {
  const holdOff = new HoldOff(1_000, 10);
  holdOff.add('a');
  holdOff.take(0, 10);
  holdOff.add('a');
  expect(holdOff.take(1, 10, true)).toEqual(['a']);
});

test('what does not fit is refused, what is there already is not', () => {
  const holdOff = new HoldOff(1_000, 2);
  expect([holdOff.add('a'), holdOff.add('b'), holdOff.add('c'), holdOff.add('a')]).toEqual([true, true, false, true]);
  expect(holdOff.take(0, 1)).toEqual(['a']);
  expect(holdOff.size).toBe(1);
});

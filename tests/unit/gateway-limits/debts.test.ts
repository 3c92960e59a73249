import { expect, test } from '@jest/globals';
import { Debts } from '../../../src/gateway/limits/debts.js';

test('the largest of several debts counts, until it is paid off', () => {
  const debts = new Debts();
  debts.note('a', 5_000, 0);
  debts.note('a', 3_000, 0);
  debts.note('b', 1_000, 2_000);
  expect([debts.of('a'), debts.of('b'), debts.of('c')]).toEqual([5_000, 0, 0]);
  debts.note('c', 9_000, 6_000);
  expect([debts.of('a'), debts.size]).toEqual([0, 1]);
});

test('it is bounded', () => {
  const debts = new Debts(100);
  for (let n = 0; n < 1_000; n++) debts.note(`m${n}`, 1e6 + n, n);
  expect([debts.size, debts.of('m0'), debts.of('m999')]).toEqual([100, 0, 1e6 + 999]);
});

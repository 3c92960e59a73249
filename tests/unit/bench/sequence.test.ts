import { describe, expect, test } from '@jest/globals';
import { noFaults, Sequence, type SequenceFaults } from '../../../bench/load/sequence.js';

const faultsOf = (numbers: readonly number[], head = 0): SequenceFaults => {
  const faults = noFaults();
  const sequence = new Sequence(head, faults);
  for (const number of numbers) sequence.see(number);
  return faults;
};

describe('the numbers of a thread at one receiver', () => {
  test('in order from the head', () => {
    expect(faultsOf([1, 2, 3, 4])).toEqual(noFaults());
    expect(faultsOf([8, 9], 7)).toEqual(noFaults());
  });

  test('a planted hole', () => {
    expect(faultsOf([1, 2, 5, 6])).toEqual({ holes: 2, duplicates: 0, reordered: 0 });
    expect(faultsOf([2], 0)).toEqual({ holes: 1, duplicates: 0, reordered: 0 });
  });

  test('a planted duplicate', () => {
    expect(faultsOf([1, 2, 2, 3, 1])).toEqual({ holes: 0, duplicates: 2, reordered: 0 });
    expect(faultsOf([7, 8], 7)).toEqual({ holes: 0, duplicates: 1, reordered: 0 });
  });

  test('a planted reordering is no hole', () => {
    expect(faultsOf([1, 3, 2, 4])).toEqual({ holes: 0, duplicates: 0, reordered: 1 });
  });

  test('all at once', () => {
    expect(faultsOf([1, 4, 2, 2, 5, 5])).toEqual({ holes: 1, duplicates: 2, reordered: 1 });
  });

  test('says what is new', () => {
    const sequence = new Sequence(0, noFaults());
    expect([1, 3, 2, 2, 3].map((number) => sequence.see(number))).toEqual([true, true, true, false, false]);
    expect(sequence.last).toBe(3);
  });
});

import { describe, expect, test } from '@jest/globals';
import { sum, tallyOf } from '../../scripts/test/tally.js';
import { BadTestArguments, inOrder, parseTestArguments } from '../../scripts/test/test-options.js';

const folders = ['browser', 'cluster', 'other', 'unit'];

describe('the arguments of npm test', () => {
  test('pick suites, quick ones first', () => {
    expect(parseTestArguments(['cluster', 'unit', '--only', 'inbox'], folders)).toEqual({
      suites: ['unit', 'cluster'],
      only: 'inbox',
      keep: false,
    });
    expect(inOrder(folders)).toEqual(['unit', 'cluster', 'browser', 'other']);
  });

  test('name an unknown suite', () => {
    expect(() => parseTestArguments(['unti'], folders)).toThrow(BadTestArguments);
    expect(() => parseTestArguments(['--bogus'], folders)).toThrow(BadTestArguments);
  });
});

describe('the count at the end', () => {
  test('takes a file that could not run for a failure', () => {
    const tally = tallyOf({ numPassedTests: 4, numFailedTests: 1, numRuntimeErrorTestSuites: 2 });
    expect(sum([tally, { passed: 1, failed: 0 }])).toEqual({ passed: 5, failed: 3 });
  });
});

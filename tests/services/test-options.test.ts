import { describe, expect, test } from '@jest/globals';
import { sum, tallyOf } from '../../scripts/test/tally.js';
import { BadTestArguments, inOrder, parseTestArguments } from '../../scripts/test/test-options.js';

const files = new Map([
  ['browser', ['talk.test.ts']],
  ['cluster', ['inbox.test.ts']],
  ['other', ['some/Where.test.ts']],
  ['unit', ['kernel/clock.test.ts', 'actors/inbox.test.ts']],
]);

describe('the arguments of npm test', () => {
  test('pick suites, quick ones first', () => {
    expect(parseTestArguments(['cluster', 'unit', '--only', 'inbox'], files)).toEqual({
      isWhole: false,
      suites: ['unit', 'cluster'],
      only: 'inbox',
      keep: false,
    });
    expect(parseTestArguments(['--keep'], files)).toMatchObject({ isWhole: true, suites: inOrder([...files.keys()]), keep: true });
    expect(inOrder([...files.keys()])).toEqual(['unit', 'cluster', 'browser', 'other']);
  });

  test('run the suites that have a file of the pattern', () => {
    const suitesOf = (...args: string[]) => parseTestArguments(args, files)?.suites;
    expect(suitesOf('--only', 'inbox')).toEqual(['unit', 'cluster']);
    expect(suitesOf('unit', 'browser', '--only', 'kernel/')).toEqual(['unit']);
    expect(suitesOf('--only', 'some/where')).toEqual(['other']);
  });

  test('say so when no file has the pattern in its path, instead of running nothing', () => {
    const parse = (...args: string[]) => parseTestArguments(args, files);
    expect(() => parse('cluster', 'unit', '--only', 'inbx')).toThrow("no test file of unit, cluster has 'inbx' in its path");
    expect(() => parse('browser', '--only', 'inbox')).toThrow(BadTestArguments);
    expect(() => parse('--only', 'inbx')).toThrow("no test file of unit, cluster, browser, other has 'inbx' in its path");
  });

  test('name an unknown suite', () => {
    expect(() => parseTestArguments(['unti'], files)).toThrow(BadTestArguments);
    expect(() => parseTestArguments(['--bogus'], files)).toThrow(BadTestArguments);
  });
});

describe('the count at the end', () => {
  test('takes a file that could not run for a failure', () => {
    const tally = tallyOf({ numPassedTests: 4, numFailedTests: 1, numRuntimeErrorTestSuites: 2 });
    expect(sum([tally, { passed: 1, failed: 0 }])).toEqual({ passed: 5, failed: 3 });
  });
});

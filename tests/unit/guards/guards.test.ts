import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { transformSync } from 'esbuild';
import { StaleGuard, switchedOff } from '../../../proof/guards/guard.js';
import type { JestOutcome } from '../../../proof/guards/jest-run.js';
import { BadGuardArguments, parseGuardArguments } from '../../../proof/guards/options.js';
import { failureIn } from '../../../proof/guards/sim-run.js';
import { guards } from '../../../proof/guards/table.js';
import { tableOf, verdictOn } from '../../../proof/guards/verdict.js';

describe('the table of guards', () => {
  test('has each name once', () => {
    expect(new Set(guards.map(({ name }) => name)).size).toBe(guards.length);
  });

  test.each(guards)('$name: can be switched off, and its tests are there', (guard) => {
    const mutated = switchedOff(readFileSync(guard.file, 'utf8'), guard);
    expect(() => transformSync(mutated, { loader: 'ts' })).not.toThrow();
    expect(guard.tests.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('switching off', () => {
  const guard = { name: 'g', file: 'f.ts', on: 'keep();', off: '$& gone' };

  test('replaces the text as it stands', () => {
    expect(switchedOff('a; keep(); b;', guard)).toBe('a; $& gone b;');
  });

  test('fails when the text is gone, or not alone', () => {
    expect(() => switchedOff('a;', guard)).toThrow(StaleGuard);
    expect(() => switchedOff('keep(); keep();', guard)).toThrow('stands 2 times in f.ts');
  });
});

describe('a verdict', () => {
  const guard = guards[0]!;
  const outcome: JestOutcome = { passed: 3, failed: [], broken: [], seconds: 1 };

  test('is that a test noticed', () => {
    expect(verdictOn(guard, { ...outcome, failed: ['a', 'b'] })).toMatchObject({ noticed: true, by: 'a', others: 1 });
  });

  test('is that nobody did: all passed, nothing loaded, or Jest was silent', () => {
    expect(verdictOn(guard, outcome).noticed).toBe(false);
    expect(verdictOn(guard, { ...outcome, broken: ['x.test.ts'] }).noticed).toBe(false);
    expect(verdictOn(guard, { ...outcome, silent: 'killed' }).noticed).toBe(false);
  });

  test('is one line of a table', () => {
    const lines = tableOf([verdictOn(guard, { ...outcome, failed: ['a', 'b'] }), verdictOn(guard, outcome)]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^unique seq +yes +1\.0 s +a \(and 1 more\)$/);
    expect(lines[2]).toMatch(/ NO .*nobody/);
  });
});

test('arguments', () => {
  expect(parseGuardArguments(['--only', 'nonce'])).toEqual({ only: 'nonce', seeds: 0 });
  expect(parseGuardArguments(['--seeds', '12'])).toEqual({ only: undefined, seeds: 12 });
  expect(() => parseGuardArguments(['--seeds', 'many'])).toThrow(BadGuardArguments);
  expect(parseGuardArguments(['--help'])).toBeUndefined();
  expect(() => parseGuardArguments(['--all'])).toThrow(BadGuardArguments);
});

test('the first failing seed is read from what the simulation prints', () => {
  const output =
    'seed 7 fails: 2 violations\ninvariant 1: lost\n  x\ninvariant 4: hole\nsee it again: …\nseed 9 fails: 1\ninvariant 5: y\nsee it again';
  expect(failureIn(output)).toBe('seed 7: invariant 1, 4');
  expect(failureIn('12 seeds passed, 0 failed')).toBeUndefined();
});

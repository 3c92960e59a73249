import { expect, test } from '@jest/globals';
import type { ImportSummary } from '../../../scripts/import/importer.js';
import { codeOf, outcome } from '../../../scripts/import/outcome.js';

const summary = (patch: Partial<ImportSummary>): ImportSummary => ({
  stored: 0,
  known: 0,
  rejected: 0,
  made: { members: 0, communities: 0, threads: 0 },
  owners: { given: 0, kept: 0 },
  lastLine: 10,
  complete: true,
  ...patch,
});

test.each<[what: string, summary: Partial<ImportSummary>, damage: string | null, code: number, says: RegExp]>([
  ['all stored', { stored: 10 }, null, 0, /10 stored/],
  ['all known', { known: 10 }, null, 0, /10 known/],
  ['all rejected', { rejected: 10 }, null, 1, /no line of the file could be taken$/m],
  ['an empty file', { lastLine: 0 }, null, 1, /it has none/],
  ['some rejected', { stored: 9, rejected: 1 }, null, 3, /see rejects/],
  ['known and rejected', { known: 9, rejected: 1 }, null, 3, /see rejects/],
  ['cut short', { stored: 9, rejected: 1 }, 'is cut short', 1, /is cut short behind line 10/],
  ['damaged at its end', { stored: 10 }, 'is damaged', 1, /is damaged behind line 10/],
  ['interrupted', { stored: 5, complete: false, lastLine: 5 }, null, 130, /stopped after line 5/],
  ['interrupted, some rejected', { stored: 5, rejected: 1, complete: false }, null, 130, /stopped/],
  ['interrupted before anything', { complete: false, lastLine: 0 }, null, 130, /stopped/],
  [
    'handed over',
    { known: 1, owners: { given: 2, kept: 1 } },
    null,
    0,
    /2 communities of an earlier import were handed over\n.*1 communities stay/,
  ],
])('%s', (_what, patch, damage, code, says) => {
  expect(codeOf(summary(patch), damage)).toBe(code);
  expect(outcome(summary(patch), damage, 2, 'rejects').join('\n')).toMatch(says);
});

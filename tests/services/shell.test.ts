import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { allPids, commandLine } from '../../scripts/services/process-table.js';
import { endPrograms, runProgram } from '../../scripts/services/shell.js';
import { until } from '../until.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-shell-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what must not be torn off is asked, finishes its step, and is waited for', async () => {
  const file = join(folder, 'done');
  const script = `trap 'asked=1' INT; echo begun; sleep 0.2; sleep 0.2; echo "$asked" > ${file}; exit 3`;
  let begun = false;
  const ended = runProgram('sh', ['-c', script], {
    ends: 'when it can',
    onLine: () => {
      begun = true;
    },
  }).catch((error: Error) => error.message);
  await until('it to begin', () => begun);
  await endPrograms();
  expect(readFileSync(file, 'utf8')).toBe('1\n');
  expect(await ended).toContain('failed');
});

test('everything else ends at once, with what it has started', async () => {
  const mark = `sleep 98${process.pid}`;
  const ended = runProgram('sh', ['-c', `${mark} & ${mark}`]).catch((error: Error) => error.message);
  const living = (): number => allPids().filter((pid) => commandLine(pid) === mark).length;
  await until('it to begin', () => living() === 2);
  await endPrograms();
  await ended;
  await until('both to be gone', () => living() === 0);
});

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LogTail } from '../../../proof/chaos/log-tail.js';
import { rotateLog } from '../../../scripts/services/log-rotation.js';

let folder: string;
let file: string;
let lines: string[];
let tail: LogTail;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-tail-'));
  file = join(folder, 'n1.log');
  lines = [];
  tail = new LogTail(file, (line) => lines.push(line));
});
afterEach(() => {
  tail.stop();
  rmSync(folder, { recursive: true, force: true });
});

const write = (from: number, to: number): void => {
  for (let n = from; n < to; n++) appendFileSync(file, `line ${n}\n`);
};
const expected = (to: number): string[] => Array.from({ length: to }, (_x, n) => `line ${n}`);
const rotate = (): void => rotateLog(file, { bytes: 1, kept: 2 });

test('a log that is not there yet is read from its begin, and lines as they are finished', () => {
  tail.read();
  write(0, 2);
  appendFileSync(file, 'line');
  tail.read();
  expect(lines).toEqual(expected(2));
  appendFileSync(file, ' 2\n');
  tail.read();
  expect(lines).toEqual(expected(3));
});

test.each([
  ['less than was read before', 3],
  ['as much as was read before', 5],
  ['more than was read before', 40],
])('of a log that was put aside and emptied nothing is lost: %s has come since', (_what, more) => {
  write(0, 5);
  tail.read();
  // What came before it was put aside, and what came after.
  write(5, 10);
  rotate();
  write(10, 10 + more);
  tail.read();
  expect(lines).toEqual(expected(10 + more));
  rotate();
  write(10 + more, 20 + more);
  tail.read();
  expect(lines).toEqual(expected(20 + more));
});

test('a line that is put aside half written goes on in the emptied log', () => {
  write(0, 1);
  appendFileSync(file, 'li');
  tail.read();
  rotate();
  appendFileSync(file, 'ne 1\n');
  tail.read();
  expect(lines).toEqual(expected(2));
});

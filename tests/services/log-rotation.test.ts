import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rotateLog } from '../../scripts/services/log-rotation.js';
import { until } from '../until.js';

let folder = '';
let log = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-logs-'));
  log = join(folder, 'x.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const parts = (): string[] => readdirSync(folder).sort();
const bounds = { bytes: 1000, kept: 2 };

describe('a log', () => {
  test('that is short, or not there, stays as it is', () => {
    rotateLog(log, bounds);
    expect(parts()).toEqual([]);
    writeFileSync(log, 'x'.repeat(1000));
    rotateLog(log, bounds);
    expect(parts()).toEqual(['x.log']);
  });

  test('keeps its order over its parts, loses only the oldest, and takes bounded room', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }), (lengths) => {
        for (const name of parts()) rmSync(join(folder, name));
        let all = '';
        lengths.forEach((length, i) => {
          const line = `${i} ${'x'.repeat(length)}\n`;
          appendFileSync(log, line);
          all += line;
          rotateLog(log, bounds);
        });
        const kept = ['x.log.2', 'x.log.1', 'x.log'].map((name) => join(folder, name)).filter((path) => existsSync(path));
        const text = kept.map((path) => readFileSync(path, 'utf8')).join('');
        expect(all.endsWith(text)).toBe(true);
        expect(text.length).toBeGreaterThanOrEqual(Math.min(all.length, 2000));
        expect(kept.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThanOrEqual(3 * 1500);
      }),
    );
  });

  test('of a program that goes on writing is put aside under its hands', async () => {
    const program = 'let i = 0; setInterval(() => { for (let n = 0; n < 20; n++) process.stdout.write("line " + ++i + "\\n"); }, 1)';
    const file = openSync(log, 'a');
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', file, file] });
    try {
      const large = { bytes: 20_000, kept: 50 };
      await until('several parts', () => {
        rotateLog(log, large);
        return existsSync(`${log}.5`);
      });
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    }
    const numbers = [
      ...parts()
        .filter((name) => name !== 'x.log')
        .sort((a, b) => Number(b.slice(6)) - Number(a.slice(6))),
      'x.log',
    ]
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
      .matchAll(/^line (\d+)$/gm);
    const seen = [...numbers].map(([, n]) => Number(n));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
    // What is written in the very moment of the emptying may be lost, and no more than that.
    expect(seen.at(-1)! - seen.length).toBeLessThanOrEqual(20 * 5);
  });
});

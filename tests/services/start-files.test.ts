import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LockFile } from '../../scripts/services/lock-file.js';
import { summarise } from '../../scripts/start/log-watch.js';
import { RunFile } from '../../scripts/start/run-file.js';
import { jwtSecret } from '../../scripts/start/secrets.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock', () => {
  test('is held by one living process', () => {
    const path = join(folder, 'lock');
    const lock = LockFile.tryTake(path);
    expect(lock).toBeInstanceOf(LockFile);
    expect(LockFile.tryTake(path)).toBe(process.pid);
    (lock as LockFile).release();
    expect(LockFile.tryTake(path)).toBeInstanceOf(LockFile);
  });

  test.each(['', '999999999 1\n', `${process.pid} another start\n`])('of no living process counts for nothing: %j', (content) => {
    const path = join(folder, 'lock');
    writeFileSync(path, content);
    expect(LockFile.tryTake(path)).toBeInstanceOf(LockFile);
  });
});

describe('the secret', () => {
  const before = process.env.JWT_SECRET;
  beforeEach(() => {
    delete process.env.JWT_SECRET;
  });
  afterAll(() => {
    if (before !== undefined) process.env.JWT_SECRET = before;
  });

  test('is made once and readable by its owner alone', () => {
    const secret = jwtSecret(folder);
    expect(Buffer.byteLength(secret)).toBeGreaterThanOrEqual(32);
    expect(jwtSecret(folder)).toBe(secret);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  test('of the environment wins', () => {
    process.env.JWT_SECRET = 'given';
    expect(jwtSecret(folder)).toBe('given');
    delete process.env.JWT_SECRET;
  });

  test.each([
    '',
    '{"jwt_sec',
    '{}',
    '[]',
    '5',
    'null',
    '"text"',
    '{"jwt_secret": 5}',
    '{"jwt_secret": "short"}',
    '{"jwt_secret": null}',
    '\0\ufffd',
  ])('that is damaged is not replaced silently: %j', (text) => {
    writeFileSync(join(folder, 'secrets.json'), text);
    expect(() => jwtSecret(folder)).toThrow(/secrets\.json is damaged.*delete it/);
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe(text);
  });
});

test('what runs is written whole and removed', () => {
  const file = new RunFile(folder);
  expect(file.read()).toBeUndefined();
  const state = {
    supervisor: { pid: 3 },
    nodes: [{ id: 'n1', url: 'http://x', pid: 1 }],
    services: { redis: { url: 'r', pid: null }, mongo: { url: 'm', pid: 2 } },
  };
  file.write(state);
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toEqual(state);
  file.remove();
  expect(file.read()).toBeUndefined();
});

test('a log is summed up by its warnings and errors', () => {
  expect(summarise('{"level":30,"msg":"fine"}\nplain text\nnull\n')).toBeUndefined();
  expect(summarise('{"level":40,"msg":"a"}\n{"level":50,"msg":"b"}\n{"level":40,"msg":"c"}\n')).toBe('1 error, 2 warnings, the last: c');
});

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { othersThere, parseSecrets, readSecrets, secretsText, writeSecrets } from '../../../scripts/backup/secrets.js';
import { jwtSecret } from '../../../scripts/start/secrets.js';

let dir: string;
let other: string;
beforeEach(() => {
  [dir, other] = [mkdtempSync(join(tmpdir(), 'parley-one-')), mkdtempSync(join(tmpdir(), 'parley-other-'))];
});
afterEach(() => {
  for (const path of [dir, other]) rmSync(path, { recursive: true, force: true });
});

test('the secret that an installation has made signs where it was brought back', () => {
  const secret = jwtSecret(dir);
  writeSecrets(other, parseSecrets(secretsText(readSecrets(dir))));
  expect(jwtSecret(other)).toBe(secret);
  expect(statSync(join(other, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('where there are none there are none', () => {
  expect(readSecrets(dir)).toEqual({});
  expect(existsSync(join(dir, 'secrets.json'))).toBe(false);
});

test('others that are there already are named; the same ones are none', () => {
  jwtSecret(dir);
  const secrets = readSecrets(dir);
  expect(othersThere(dir, secrets)).toEqual([]);
  expect(othersThere(other, secrets)).toEqual([]);
  jwtSecret(other);
  expect(othersThere(other, secrets)).toEqual(['secrets.json']);
});

test('a file of another name is never written', () => {
  expect(() => parseSecrets(JSON.stringify({ '../evil': 'x' }))).toThrow();
  expect(() => parseSecrets('[]')).toThrow();
  writeFileSync(join(dir, 'run.json'), 'mine');
  expect(readSecrets(dir)).toEqual({});
  expect(readFileSync(join(dir, 'run.json'), 'utf8')).toBe('mine');
});

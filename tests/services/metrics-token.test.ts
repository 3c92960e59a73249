import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { metricsToken } from '../../scripts/start/metrics-token.js';
import { loadConfig, redacted } from '../../src/kernel/config.js';

let folder = '';
const before = process.env.METRICS_TOKEN;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-files-'));
  delete process.env.METRICS_TOKEN;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (before !== undefined) process.env.METRICS_TOKEN = before;
});

describe('the token of the metrics', () => {
  test('is made once, readable by its owner alone, alone in its file, and one that nodes take', () => {
    const token = metricsToken(folder);
    const file = join(folder, 'metrics-token');
    expect(metricsToken(folder)).toBe(token);
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const config = loadConfig({ env: { METRICS_TOKEN: token, JWT_SECRET: 'k'.repeat(32) } });
    expect(config.http.metricsToken).toBe(token);
    expect(JSON.stringify(redacted(config))).not.toContain(token);
  });

  test('has its mode also where the file was there before, and is made anew when it is damaged', () => {
    const token = metricsToken(folder);
    const file = join(folder, 'metrics-token');
    chmodSync(file, 0o644);
    writeFileSync(`${file}.new`, '', { mode: 0o644 });
    expect(metricsToken(folder)).toBe(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const damaged of ['', 'x', `${token}\n${token}`, '\u0000'.repeat(43)]) {
      writeFileSync(file, damaged);
      expect(metricsToken(folder)).toMatch(/^[\w-]{43}$/);
    }
  });

  test('of the environment wins', () => {
    process.env.METRICS_TOKEN = 'given-by-the-environment';
    expect(metricsToken(folder)).toBe('given-by-the-environment');
  });
});

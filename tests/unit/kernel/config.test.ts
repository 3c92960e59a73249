import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, environmentTable, loadConfig, redacted } from '../../../src/kernel/config.js';

const secret = 'k'.repeat(32);
const problemsOf = (load: () => unknown): string[] => {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('configuration', () => {
  it('puts the environment over the file of NODE_ENV over the defaults', () => {
    const test = loadConfig({ env: { NODE_ENV: 'test', JWT_SECRET: secret } });
    expect(test.environment).toBe('test');
    expect(test.limits.enabled).toBe(false);
    expect(test.http.port).toBe(0);
    const over = loadConfig({
      env: { NODE_ENV: 'test', JWT_SECRET: secret, RATE_LIMITS: 'on', PORT: '8080', CORS_ORIGINS: 'https://a.example, https://b.example' },
    });
    expect(over.limits.enabled).toBe(true);
    expect(over.http.port).toBe(8080);
    expect(over.http.corsOrigins).toEqual(['https://a.example', 'https://b.example']);
  });

  it('has a place for every variable of its table', () => {
    const defaults = loadConfig({ env: { JWT_SECRET: secret } });
    for (const [name, { path: at }] of Object.entries(environmentTable)) {
      const found = at.split('.').reduce<unknown>((place, key) => (place as Record<string, unknown>)[key], defaults);
      expect({ name, found: found !== undefined }).toEqual({ name, found: true });
    }
  });

  it('refuses unknown keys by their path', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'config-'));
    writeFileSync(path.join(folder, 'default.json'), JSON.stringify({ http: { prot: 1 }, surprise: true }));
    const problems = problemsOf(() => loadConfig({ env: {}, folder }));
    expect(problems).toEqual(expect.arrayContaining(['http.prot: is not known', 'surprise: is not known']));
  });

  it('names the variable but never its value', () => {
    const port = problemsOf(() => loadConfig({ env: { PORT: 'eighty', JWT_SECRET: secret } }));
    expect(port).toEqual([expect.stringContaining('http.port (PORT)')]);
    const short = problemsOf(() => loadConfig({ env: { JWT_SECRET: 'short-but-secret' } }));
    expect(short).toEqual([expect.stringContaining('auth.secret (JWT_SECRET)')]);
    expect([...port, ...short].join('\n')).not.toMatch(/eighty|short-but-secret/);
  });

  it('says in production when the node knows no name of its own', () => {
    const warnings = (env: object): string[] => {
      const lines: string[] = [];
      loadConfig({ env: { NODE_ENV: 'production', JWT_SECRET: secret, ...env }, warn: (line) => lines.push(line) });
      return lines;
    };
    expect(warnings({})).toEqual([expect.stringContaining('ALLOWED_HOSTS')]);
    expect(warnings({ PUBLIC_URL: 'https://chat.example.org' })).toEqual([]);
    expect(warnings({ ALLOWED_HOSTS: 'chat.example.org, 10.0.0.9' })).toEqual([]);
    for (const bad of ['https://chat.example.org', 'chat.example.org/x', 'a b', 'a@b']) {
      expect(problemsOf(() => loadConfig({ env: { JWT_SECRET: secret, ALLOWED_HOSTS: bad } }))).toHaveLength(1);
    }
  });

  it('does not start in production without a long secret or without limits', () => {
    const production = (env: object) => problemsOf(() => loadConfig({ env: { NODE_ENV: 'production', ...env } }));
    expect(production({})).toEqual([expect.stringContaining('JWT_SECRET')]);
    expect(production({ JWT_SECRET: 'k'.repeat(31) })).toEqual([expect.stringContaining('32 bytes')]);
    expect(production({ JWT_SECRET: secret, RATE_LIMITS: 'off' })).toEqual([expect.stringContaining('RATE_LIMITS')]);
    expect(production({ JWT_SECRET: secret, RATE_LIMITS: 'false' })).not.toEqual([]);
    expect(production({ JWT_SECRET: secret })).toEqual([]);
  });

  it('makes a secret in development, and says so', () => {
    const warnings: string[] = [];
    const config = loadConfig({ env: {}, warn: (line) => warnings.push(line) });
    expect(config.environment).toBe('development');
    expect(Buffer.byteLength(config.auth.secret)).toBeGreaterThanOrEqual(32);
    expect(loadConfig({ env: {} }).auth.secret).not.toBe(config.auth.secret);
    expect(warnings).toHaveLength(1);
  });

  it('trusts no proxy unless told how many or which', () => {
    const trust = (value?: string) =>
      loadConfig({ env: { JWT_SECRET: secret, ...(value !== undefined && { TRUST_PROXY: value }) } }).http.trustProxy;
    expect(trust()).toBe(0);
    expect(trust('2')).toBe(2);
    expect(trust('10.0.0.1, loopback')).toEqual(['10.0.0.1', 'loopback']);
  });

  it('takes only whole origins', () => {
    for (const bad of ['*', 'chat.example', 'https://chat.example/path', 'https://chat.example/', 'null']) {
      expect(problemsOf(() => loadConfig({ env: { JWT_SECRET: secret, CORS_ORIGINS: bad } }))).not.toEqual([]);
    }
  });

  it.each([
    ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    ['rediss://:p@redis.example', 'rediss://:p@redis.example'],
    ['/run/redis.sock', '/run/redis.sock'],
    ['unix:///run/redis.sock', '/run/redis.sock'],
  ])('takes Redis at %s', (url, taken) => {
    expect(loadConfig({ env: { JWT_SECRET: secret, REDIS_URL: url } }).redis.url).toBe(taken);
  });

  it('takes no Redis that is neither an address nor the path of a socket', () => {
    for (const bad of ['redis.sock', '//redis.example', 'http://redis.example', 'unix://redis.sock', '/', '6379', 'redis.example:6379'])
      expect(problemsOf(() => loadConfig({ env: { JWT_SECRET: secret, REDIS_URL: bad } }))).not.toEqual([]);
  });

  it('shows no secret when redacted', () => {
    const env = {
      JWT_SECRET: secret,
      JWT_SECRET_PREVIOUS: 'p'.repeat(32),
      REDIS_URL: 'redis://user:hunter2@redis.example:6379',
      MONGODB_URL: 'mongodb://root:hunter2@a.example,b.example/?tlsCertificateKeyFilePassword=hunter2',
    };
    const shown = JSON.stringify(redacted(loadConfig({ env })));
    for (const hidden of ['hunter2', secret, env.JWT_SECRET_PREVIOUS]) expect(shown).not.toContain(hidden);
    expect(shown).toContain('redis.example:6379');
    expect(shown).toContain('a.example,b.example');
  });
});

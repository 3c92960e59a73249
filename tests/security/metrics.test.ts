import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nginxPath } from '../../scripts/services/nginx.js';
import { freePort } from '../../scripts/services/ports.js';
import { metricsToken, startCluster, type TestCluster } from '../cluster/harness.js';
import { signUp, token } from '../cluster/people.js';
import { PlainClient } from '../plain-client.js';
import { until } from '../until.js';
import { RawSocket } from './raw-socket.js';
import { expectProblem, knock } from './rest-door.js';
import { otherSpellings } from './spellings.js';

const withToken = { headers: { authorization: `Bearer ${metricsToken}` } };
const secretText = /parley_|process_cpu|nodejs_/;

/** The shipped file before one node, with other ports and nothing else changed. */
const startProxy = async (program: string, node: string): Promise<{ url: string; logs(): string; stop(): Promise<void> }> => {
  const port = await freePort();
  const shipped = readFileSync('deploy/nginx.conf', 'utf8');
  const ours = shipped
    .replace(/^\s*server n[23]:3000.*\n/gm, '')
    .replace('server n1:3000', `server ${new URL(node).host}`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('/dev/stdout', 'access.log')
    .replace('/dev/stderr', 'error.log')
    .replace('/tmp/nginx.pid', 'nginx.pid');
  expect(ours.split('\n').length).toBe(shipped.split('\n').length - 2);
  const folder = mkdtempSync(join(tmpdir(), 'parley-nginx-'));
  writeFileSync(join(folder, 'nginx.conf'), ours);
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'start.log'), '-g', 'daemon off;'];
  const child: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await until(
    'nginx to answer',
    () =>
      knock(url, '/healthz').then(
        ({ status }) => status === 200,
        () => false,
      ),
    () => {
      if (child.exitCode !== null) throw new Error(`nginx ended:\n${readFileSync(join(folder, 'start.log'), 'utf8')}`);
    },
  );
  return {
    url,
    logs: () => ['access.log', 'error.log'].map((name) => readFileSync(join(folder, name), 'utf8')).join(''),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

describe('what is for those who watch a node', () => {
  let cluster: TestCluster;
  let node: string;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, env: { TRUST_PROXY: '1' } });
    node = cluster.urls[0] as string;
  });
  afterAll(async () => await cluster?.stop());

  it('62 metrics are for whoever has their token, at their one address', async () => {
    const shown = await knock(node, '/metrics', withToken);
    expect([shown.status, secretText.test(shown.text)]).toEqual([200, true]);
    const member = await signUp([node]);
    const access = await token(member);
    member.close();
    for (const authorization of [
      '',
      'Bearer',
      'Bearer x',
      `Bearer ${metricsToken}x`,
      `Bearer ${metricsToken.slice(1)}`,
      `Basic ${metricsToken}`,
      `Bearer ${access}`,
    ]) {
      const answer = await knock(node, '/metrics', { headers: { authorization } });
      expectProblem(answer, 'unauthenticated');
      expect([authorization, answer.text]).toEqual([authorization, expect.not.stringMatching(secretText)]);
    }
    expectProblem(await knock(node, `/metrics?token=${metricsToken}`), 'unauthenticated');
    for (const path of otherSpellings('/metrics')) {
      const answer = await knock(node, path, withToken);
      expect([path, answer.status >= 400, secretText.test(answer.text)]).toEqual([path, true, false]);
    }
  });

  it('62 without a token in the configuration there are none', async () => {
    const closed = await startCluster({ nodes: 1, env: { METRICS_TOKEN: '' } });
    try {
      for (const question of [{}, withToken, { headers: { authorization: 'Bearer null' } }]) {
        expectProblem(await knock(closed.urls[0] as string, '/metrics', question), 'not_found');
      }
    } finally {
      await closed.stop();
    }
  });

  it('62 the router has one spelling of each address', async () => {
    for (const path of ['/healthz', '/readyz', '/api/communities', '/openapi.json', '/docs', '/socket.io/']) {
      for (const other of otherSpellings(path)) {
        const answer = await knock(node, `${other}?EIO=4&transport=polling`);
        expect([other, answer.status === 404 || answer.status === 400]).toEqual([other, true]);
      }
    }
    for (const target of ['http://evil.example/metrics', `${node}/metrics`, '*']) {
      const answer = await knock(node, target, target === '*' ? { method: 'OPTIONS' } : withToken);
      expect([target, answer.status]).toEqual([target, 404]);
    }
  });

  it('62 the shipped proxy shows no metrics in whatever spelling, and means the same addresses as the node', async () => {
    const program = await nginxPath((line) => console.warn(line));
    if (program === undefined) {
      // No nginx can be had: what its rules come to is looked at instead. Its expression is compared in spelling.test.ts.
      const rules = readFileSync('deploy/nginx.conf', 'utf8');
      expect(rules).toMatch(/if \(\$odd_spelling\) \{\s+return 404;/);
      expect(rules).toMatch(/location = \/metrics \{\s+return 404;/);
      return;
    }
    const proxy = await startProxy(program, node);
    try {
      for (const path of ['/metrics', ...otherSpellings('/metrics')]) {
        const answer = await knock(proxy.url, path, withToken);
        expect([path, answer.status >= 400, secretText.test(answer.text)]).toEqual([path, true, false]);
      }
      expect((await knock(proxy.url, '/metrics')).headers['x-content-type-options']).toBe('nosniff');
      for (const path of ['/healthz', '/readyz', '/openapi.json', '/api/communities']) {
        const straight = await knock(node, path);
        const through = await knock(proxy.url, path);
        expect([path, through.status, through.headers['content-security-policy']]).toEqual([
          path,
          straight.status,
          straight.headers['content-security-policy'],
        ]);
        for (const other of otherSpellings(path)) {
          const statuses = [await knock(node, other), await knock(proxy.url, other)].map(({ status }) => status);
          expect([other, statuses.every((status) => status === 404 || status === 400)]).toEqual([other, true]);
        }
      }
      // By the code of an invite whoever reads it could come in.
      for (const path of ['/invites/a-secret-code', '/api/invites/a-secret-code', '/api/invites/a-secret-code/accept'])
        await knock(proxy.url, path);
      await until('its log', () => proxy.logs().split(' /api/invites/-"').length === 3);
      expect(proxy.logs()).toContain('"GET /invites/-" 200');
      expect(proxy.logs()).not.toContain('a-secret-code');
      // And what it is for: people, sockets, and who they are.
      const member = await signUp([proxy.url]);
      const access = await token(member);
      const socket = new RawSocket(proxy.url, { origin: proxy.url });
      expect(await socket.enter(access)).toMatch(/^40/);
      socket.close();
      const forged = { 'x-forwarded-for': '203.0.113.66', forwarded: 'for=203.0.113.66', 'x-forwarded-host': 'evil.example' };
      const sessions = await knock(proxy.url, '/api/auth/sessions', { token: access, headers: forged });
      expect(sessions.status).toBe(200);
      const again = await knock(proxy.url, '/api/auth/login', { json: { login: 'nobody', password: 'wrong horse' }, headers: forged });
      expect(again.status).toBe(401);
      // A plain WebSocket has its token in its address, which no line quotes: not when it goes well, nor when its node is away.
      const plain = new PlainClient(proxy.url, { token: access, origin: proxy.url });
      expect(await plain.ask('set_presence', { state: 'online' })).toMatchObject({ ok: true });
      const another = new PlainClient(proxy.url, { path: `/ws/${member.memberId}`, token: access });
      expect(await another.ask('set_presence', { state: 'online' })).toMatchObject({ ok: true });
      member.close();
      await cluster.stop();
      await Promise.all([plain.ended, another.ended]);
      expect((await new PlainClient(proxy.url, { token: access }).ended).code).toBeGreaterThanOrEqual(500);
      await until('the lines are written', () => proxy.logs().includes('GET /ws" 50'));
      expect(proxy.logs()).toContain(`GET /ws/${member.memberId}" 101`);
      expect(proxy.logs()).not.toContain(access);
    } finally {
      await proxy.stop();
    }
  });
});

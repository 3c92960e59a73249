import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUp, token } from '../cluster/people.js';
import { rawAnswer } from './raw-answer.js';
import { expectProblem, knock } from './rest-door.js';

/** The same client each time, as proxies write it. */
const spellings = (at: number): Record<string, string>[] => [
  { 'x-forwarded-for': '203.0.113.9' },
  { 'x-forwarded-for': `203.0.113.9:${4000 + at}` },
  { 'x-forwarded-for': `198.51.100.${at}, 203.0.113.9:${5000 + at}` },
  { 'x-forwarded-for': `::ffff:203.0.113.9` },
  { 'x-forwarded-for': `[::ffff:203.0.113.9]:${6000 + at}` },
  { 'x-forwarded-for': `, ,203.0.113.9 ,` },
  { forwarded: `for="203.0.113.9:${7000 + at}"` },
  { forwarded: `for=198.51.100.${at}, for=203.0.113.9;proto=https` },
];

describe('what proxies say of a caller', () => {
  let cluster: TestCluster;
  let url: string;
  let member: ParleyClient;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, env: { TRUST_PROXY: '1', RATE_LIMITS: 'on' } });
    url = cluster.urls[0] as string;
    member = await signUp([url]);
  });
  afterAll(async () => {
    member?.close();
    await cluster?.stop();
  });

  let logins = 0;
  /** Each by a login of its own: those are counted too. */
  const signIn = (headers: Record<string, string>) =>
    knock(url, '/api/auth/login', { json: { login: `nobody-${++logins}`, password: 'wrong horse' }, headers });

  it('70 ports, spellings and either header make no second client of one', async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 4; at++) for (const headers of spellings(at)) statuses.push((await signIn(headers)).status);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.slice(20)).toEqual(Array(statuses.length - 20).fill(429));
    // Somebody else is not touched by it.
    expect((await signIn({ 'x-forwarded-for': '203.0.113.10:4711' })).status).toBe(401);
  });

  it('70 what names nobody counts for the proxy, however it is made', async () => {
    const junk = ['', ',', 'unknown', '_hidden', 'evil.example', '1.2.3', '203.0.113.9:port', '[::1', 'x'.repeat(8_000)];
    const statuses: number[] = [];
    for (let at = 0; at < 27; at++)
      statuses.push((await signIn({ 'x-forwarded-for': `198.51.100.${at}, ${junk[at % junk.length]}` })).status);
    // An empty last part leaves the one before it.
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  });

  it('70 more than a hundred header lines are refused, not cut, at both doors', async () => {
    const access = await token(member);
    const lines = (count: number): string => Array.from({ length: count }, (_, i) => `X-Forwarded-For: 198.51.100.${i % 250}\r\n`).join('');
    const ask = (path: string, count: number): Promise<string> =>
      rawAnswer(
        url,
        `GET ${path} HTTP/1.1\r\n${lines(count)}Host: ${new URL(url).host}\r\nConnection: close\r\nAuthorization: Bearer ${access}\r\n\r\n`,
      );
    expect(await ask('/api/communities', 97)).toMatch(/^HTTP\/1\.1 200 /);
    for (const path of ['/api/communities', '/socket.io/?EIO=4&transport=polling', '/', '/healthz']) {
      const answer = await ask(path, 98);
      expect([path, answer]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 431 /)]);
      expect(answer).toMatch(/x-content-type-options: nosniff/i);
    }
  });

  it('70 what proxies and servers could read in two ways is refused', async () => {
    const { host } = new URL(url);
    const bad = [
      'GET /healthz HTTP/1.1\r\n',
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nHost: ${host}\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nOrigin: http://evil.example\r\n`,
      `POST /api/auth/login HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nContent-Length: 2\r\n`,
      `POST /api/auth/login HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n`,
      `POST /api/auth/login HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n`,
      `GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: ${host} \r\n folded: x\r\n`,
      `GET /healthz HTTP/1.1\r\nHost : ${host}\r\n`,
      `GET\t/healthz HTTP/1.1\r\nHost: ${host}\r\n`,
    ];
    for (const head of bad) {
      const answer = await rawAnswer(url, `${head}Connection: close\r\n\r\n{}`);
      expect([head, answer]).toEqual([head, expect.stringMatching(/^HTTP\/1\.1 400 /)]);
      expect([head, answer]).toEqual([head, expect.stringMatching(/x-content-type-options: nosniff/i)]);
    }
    const alive = await knock(url, '/healthz');
    expect(alive.status).toBe(200);
    expectProblem(await knock(url, '/api/nowhere'), 'not_found');
  });
});

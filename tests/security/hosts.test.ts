import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUp, token } from '../cluster/people.js';
import { RawSocket } from './raw-socket.js';
import { expectProblem, knock } from './rest-door.js';

const publicUrl = 'https://chat.example.org';
const everywhere = [
  '/',
  '/c/665f1c2ab3d4e5f60718293a',
  '/api/communities',
  '/api/auth/login',
  '/openapi.json',
  '/docs',
  '/healthz',
  '/readyz',
  '/metrics',
  '/nowhere',
];

describe('names by which the server may be called', () => {
  let cluster: TestCluster;
  let url: string;
  let port: string;
  let member: ParleyClient;
  let access: string;

  beforeAll(async () => {
    cluster = await startCluster({
      nodes: 1,
      env: { HOST: '0.0.0.0', PUBLIC_URL: publicUrl, ALLOWED_HOSTS: 'parley.internal', TRUST_PROXY: '127.0.0.2' },
    });
    url = cluster.urls[0] as string;
    port = new URL(url).port;
    member = await signUp([url]);
    access = await token(member);
  });
  afterAll(async () => {
    member?.close();
    await cluster?.stop();
  });

  const foreign = (): string[] => [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    'localhost.evil.example',
    `127.0.0.1.nip.io:${port}`,
    'chat.example.org.evil.example',
    'evilchat.example.org',
    'sub.chat.example.org',
    'example.org',
    'chat.example.org@evil.example',
    'chat.example.org:443@evil.example',
    'chat.example.org, evil.example',
    'chat.example.org/',
    'chat.example.org.',
    'localhost.',
    '0.0.0.0',
    '[::]',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '[::1].evil.example',
    '::1',
    '*',
    'null',
  ];

  it('65 a foreign Host is answered with nothing but a refusal: page, API, documents, probes', async () => {
    for (const host of foreign()) {
      for (const path of everywhere) {
        const answer = await knock(url, path, { headers: { host, origin: `http://${host.trim()}` }, token: access });
        expect([
          host,
          path,
          answer.status >= 400 && answer.status < 500 && answer.status !== 404,
          answer.text.includes('PUBLIC_URL'),
        ]).toEqual([host, path, true, true]);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
    }
    expectProblem(await knock(url, '/', { headers: { host: 'evil.example' } }), 'forbidden');
  });

  it('65 and opens no socket, though the Origin is the same', async () => {
    for (const host of foreign()) {
      const socket = new RawSocket(url, { origin: `http://${host}`, headers: { host } });
      expect([host, await socket.enter(access).catch(() => 'turned away')]).toEqual([host, 'turned away']);
      socket.close();
      const polling = await knock(url, '/socket.io/?EIO=4&transport=polling', { headers: { host, origin: `http://${host}` } });
      expect([host, polling.status >= 400]).toEqual([host, true]);
    }
  });

  it('65 its own names do, and its addresses, with whatever port a tunnel has', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
    );
    for (const host of [
      'chat.example.org',
      'CHAT.example.org:443',
      'parley.internal',
      `localhost:${port}`,
      'localhost:9000',
      `127.0.0.1:${port}`,
      '127.0.0.53',
      '[::1]:80',
      '[0:0::1]',
    ]) {
      expect([host, (await knock(url, '/api/communities', { headers: { host }, token: access })).status]).toEqual([host, 200]);
    }
    for (const address of own)
      expect([address, (await knock(`http://${address}:${port}`, '/api/communities', { token: access })).status]).toEqual([address, 200]);
  });

  it('65 a probe may come by any address, and only a probe', async () => {
    for (const host of ['10.96.0.17', '10.96.0.17:3000', '[2001:db8::5]:3000']) {
      expect((await knock(url, '/healthz', { headers: { host } })).status).toBe(200);
      expect((await knock(url, '/readyz', { headers: { host } })).status).toBe(200);
      expectProblem(await knock(url, '/api/communities', { headers: { host }, token: access }), 'forbidden');
    }
  });

  it('65 what a proxy says of the host makes no foreign name ours', async () => {
    for (const headers of [
      { 'x-forwarded-host': 'chat.example.org' },
      { forwarded: 'host=chat.example.org' },
      { 'x-original-host': 'chat.example.org' },
    ] as Record<string, string>[]) {
      expectProblem(await knock(url, '/', { headers: { host: 'evil.example', ...headers } }), 'forbidden');
    }
    // From whoever is no proxy of ours it says nothing.
    expect((await knock(url, '/api/communities', { headers: { 'x-forwarded-host': 'evil.example' }, token: access })).status).toBe(200);
  });

  it('44 the page at PUBLIC_URL opens a socket behind a proxy that writes another Host', async () => {
    for (const host of [`127.0.0.1:${port}`, 'parley.internal', 'chat.example.org']) {
      const socket = new RawSocket(url, { origin: publicUrl, headers: { host } });
      expect([host, await socket.enter(access)]).toEqual([host, expect.stringMatching(/^40/)]);
      socket.close();
    }
    for (const origin of ['http://chat.example.org', 'https://chat.example.org:8443', 'https://chat.example.org.evil.example']) {
      const socket = new RawSocket(url, { origin });
      expect([origin, await socket.enter(access).catch(() => 'turned away')]).toEqual([origin, 'turned away']);
      socket.close();
    }
  });
});

describe('behind a trusted proxy', () => {
  it('65 every name that it was called by must be ours', async () => {
    const cluster = await startCluster({ nodes: 1, env: { PUBLIC_URL: publicUrl, TRUST_PROXY: '1' } });
    try {
      const url = cluster.urls[0] as string;
      for (const headers of [
        { 'x-forwarded-host': 'evil.example' },
        { 'x-forwarded-host': 'chat.example.org, evil.example' },
        { forwarded: 'for=1.2.3.4;host="evil.example:80"' },
      ] as Record<string, string>[]) {
        expectProblem(await knock(url, '/', { headers }), 'forbidden');
      }
      expect((await knock(url, '/healthz', { headers: { 'x-forwarded-host': 'chat.example.org' } })).status).toBe(200);
      expectProblem(await knock(url, '/', { headers: { host: 'evil.example', 'x-forwarded-host': 'chat.example.org' } }), 'forbidden');
    } finally {
      await cluster.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUp, token } from '../cluster/people.js';
import { RawSocket } from './raw-socket.js';
import { knock } from './rest-door.js';

const listed = ['https://chat.example.org', 'http://localhost:5173'];

describe("pages of others' origins", () => {
  let cluster: TestCluster;
  let url: string;
  let member: ParleyClient;
  let access: string;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, env: { CORS_ORIGINS: listed.join(',') } });
    url = cluster.urls[0] as string;
    member = await signUp([url]);
    access = await token(member);
  });
  afterAll(async () => {
    member?.close();
    await cluster?.stop();
  });

  const foreign = (): string[] => [
    'https://evil.example',
    'null',
    'https://chat.example.org.evil.example',
    'https://evilchat.example.org',
    'https://sub.chat.example.org',
    'https://chat.example.org@evil.example',
    'https://chat.example.org:8443',
    'http://chat.example.org',
    'https://chat.example.org/',
    'https://chat.example.org, https://evil.example',
    'http://localhost:5174',
    'http://localhost',
    `${url}.evil.example`,
    `${url}0`,
    'http://127.0.0.1',
    'file://',
    '*',
    'undefined',
  ];

  it('44 open no socket, with whatever token', async () => {
    for (const origin of foreign()) {
      const socket = new RawSocket(url, { origin });
      const word = await socket.enter(access).catch(() => 'turned away');
      expect([origin, word.startsWith('40')]).toEqual([origin, false]);
      socket.close();
      const polling = await knock(url, '/socket.io/?EIO=4&transport=polling', { headers: { origin } });
      expect([origin, polling.status]).toEqual([origin, polling.status >= 400 ? polling.status : 'an error']);
    }
  });

  it('44 those that are listed, the own one, and programs without one do', async () => {
    for (const origin of [...listed, url, undefined]) {
      const socket = new RawSocket(url, origin === undefined ? {} : { origin });
      expect(await socket.enter(access)).toMatch(/^40/);
      socket.close();
    }
  });

  it('44 X-Forwarded-Host makes no foreign origin the own one', async () => {
    const socket = new RawSocket(url, { origin: 'https://evil.example', headers: { 'x-forwarded-host': 'evil.example' } });
    const word = await socket.enter(access).catch(() => 'turned away');
    expect(word.startsWith('40')).toBe(false);
    socket.close();
  });

  it('46 are told nothing by CORS: no suffix, no null, no star with credentials', async () => {
    const preflight = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization,content-type' };
    const paths = ['/api/members', '/api/auth/login', '/api/nowhere', '/healthz', '/openapi.json', '/'];
    for (const origin of foreign()) {
      for (const path of paths) {
        for (const answer of [
          await knock(url, path, { token: access, headers: { origin } }),
          await knock(url, path, { method: 'OPTIONS', headers: { origin, ...preflight } }),
        ]) {
          const allowed = answer.headers['access-control-allow-origin'];
          expect([origin, path, allowed === origin && origin !== '*', answer.headers['access-control-allow-credentials']]).toEqual([
            origin,
            path,
            false,
            undefined,
          ]);
          if (path.startsWith('/api')) expect([origin, path, allowed]).toEqual([origin, path, undefined]);
        }
      }
    }
  });

  it('46 those that are listed may call, and caches keep their answers apart', async () => {
    for (const origin of listed) {
      const answer = await knock(url, '/api/members', { token: access, headers: { origin } });
      expect(answer.status).toBe(200);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
      expect(String(answer.headers.vary).toLowerCase()).toContain('origin');
      const headers = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization,content-type' };
      const preflight = await knock(url, '/api/members', { method: 'OPTIONS', headers });
      expect(preflight.status).toBeLessThan(300);
      expect(preflight.headers['access-control-allow-origin']).toBe(origin);
      for (const method of ['PUT', 'PATCH']) expect(String(preflight.headers['access-control-allow-methods'])).toContain(method);
      expect(String(preflight.headers['access-control-allow-headers']).toLowerCase()).toContain('authorization');
    }
    // Programs without an origin are told nothing of it.
    const plain = await knock(url, '/api/members', { token: access });
    expect(plain.headers['access-control-allow-origin']).not.toBe('*');
  });
});

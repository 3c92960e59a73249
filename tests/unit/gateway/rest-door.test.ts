import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import { waysOf } from '../../../src/catalogue/catalogue.js';
import type { Operation } from '../../../src/catalogue/operation.js';
import { createCommunity } from '../../../src/features/communities/contract.js';
import { features } from '../../../src/features/index.js';
import type { Limiter } from '../../../src/gateway/ports.js';
import { createInputReader } from '../../../src/gateway/rest/input.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { bodyBytesOf } from '../../../src/protocol/body-bytes.js';
import { problem } from '../../../src/protocol/problem.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { until } from '../../until.js';
import { changed } from './people.js';
import { type Answer, type Person, RestHouse } from './rest-house.js';

const isProblem = (answer: Answer, status: number, code: string): void => {
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(problem.safeParse(answer.body).error).toBeUndefined();
  expect(answer.body.status).toBe(status);
  expect(answer.headers.get('x-request-id')).toBe(answer.body.request_id);
};

const webRoot = mkdtempSync(path.join(tmpdir(), 'web-'));
mkdirSync(path.join(webRoot, 'assets'));
writeFileSync(path.join(webRoot, 'index.html'), '<!doctype html><title>Parley</title>');
writeFileSync(path.join(webRoot, 'assets', 'index-abc123.js'), 'export {};');
writeFileSync(path.join(webRoot, '.env'), 'SECRET=1');

const metricsToken = 'a-token-for-the-metrics';
const invitePath = '/invites/V1StGXR8_Z5jdHi6B-myTqLw';
let house: RestHouse;
let ada: Person;
beforeAll(async () => {
  house = await RestHouse.open({
    http: { webRoot, corsOrigins: ['https://chat.example'], publicUrl: 'https://parley.example', metricsToken },
  });
  ada = await house.person('ada');
});
afterAll(() => house.close());

const create = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  house.ask('POST', '/api/communities', { by: ada, body, headers });

describe('what is refused at the REST door', () => {
  it('malformed, deep, poisoned or mistyped bodies', async () => {
    const nested = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    const bad: [unknown, Record<string, string>?][] = [
      ['{"name": '],
      ['not json'],
      [nested],
      ['['.repeat(60_000)],
      ['{"name":"x","__proto__":{"is_admin":true}}'],
      ['{"name":"x","\\u005f_proto__":{}}'],
      ['{"name":"x","constructor":{"prototype":{}}}'],
      ['null'],
      ['[]'],
      ['"text"'],
      [{ name: { $ne: null } }],
      [{ name: 'x', role: 'owner' }],
      [{ name: 'x', created_by: ada.id }],
      [{ name: 'x\u0000y' }],
      [{ name: 'x\u202ey' }],
      [{}],
    ];
    for (const [body, headers] of bad) isProblem(await create(body, headers), 400, 'validation_failed');
    // Seen before it was parsed: a schema would have complained of unknown fields.
    for (const body of [nested, '{"name":"x","__proto__":{}}', '{"name":"x","constructor":{"prototype":{}}}']) {
      expect((await create(body)).body.errors).toBeUndefined();
    }
    expect((await create({ name: 'x' }, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
  });

  it('bodies of another kind, with HTTP’s own word for it', async () => {
    const kinds = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
    ];
    for (const kind of [...kinds, 'application/jsonp', 'application/json, text/plain', 'application/merge-patch+json', 'x']) {
      isProblem(await create({ name: 'x' }, { 'content-type': kind }), 415, 'validation_failed');
    }
    for (const encoding of ['gzip', 'br', 'deflate', 'nonsense', 'gzip, identity']) {
      isProblem(await create({ name: 'x' }, { 'content-encoding': encoding }), 415, 'validation_failed');
    }
    expect((await create({ name: 'x' }, { 'content-encoding': 'identity' })).status).toBe(201);
  });

  it('a body where there is none to be', async () => {
    isProblem(await house.ask('DELETE', `/api/communities/${ada.id}`, { by: ada, body: {} }), 400, 'validation_failed');
    const made = (await create({ name: 'for joins' })).body.id;
    expect((await house.ask('POST', `/api/communities/${made}/join`, { by: ada, body: {} })).status).toBe(200);
    isProblem(await house.ask('POST', `/api/communities/${made}/join`, { by: ada, body: { x: 1 } }), 400, 'validation_failed');
    isProblem(await house.ask('POST', `/api/communities/${made}/join`, { by: ada, body: { x: 'x'.repeat(64) } }), 413, 'payload_too_large');
  });

  it('never echoes what was sent', async () => {
    const answers = [
      await create('{"name": "canary-1'),
      await create({ 'canary-2': 1, name: 'x' }),
      await create({ name: ['canary-3'] }),
      await house.ask('GET', '/api/communities/canary-4', { by: ada }),
      await house.ask('GET', '/api/communities?canary-5=1', { by: ada }),
      await house.ask('GET', '/api/%zz-canary-6', { by: ada }),
      await house.ask('GET', '/canary-7'),
    ];
    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('canary');
    }
  });

  it('a body of the limit plus one byte', async () => {
    const padded = (size: number): string => {
      const text = '{"name":"x","tags":[]}';
      return text + ' '.repeat(size - text.length);
    };
    const limit = bodyBytesOf({ body: createCommunity.input });
    expect((await create(padded(limit))).status).toBe(201);
    isProblem(await create(padded(limit + 1)), 413, 'payload_too_large');
  });

  it('operators, repeated and unknown things in the query', async () => {
    for (const query of [
      'q[$gt]=',
      'q[$ne]=1',
      'q=1&q=2',
      'limit=0',
      'limit=101',
      'limit=1e9',
      'limit=1e1',
      'limit=0x10',
      'limit=0b11',
      'limit=+5',
      'limit=%2B5',
      'limit=%205',
      'limit=5%20',
      'limit=5.0',
      'limit=05',
      'limit=-5',
      'limit=5n',
      'limit=5_0',
      'limit=%D9%A5',
      'limit=',
      'limit',
      'limit=5&limit=5',
      'limit=5,5',
      'limit[0]=5',
      'limit=Infinity',
      'limit=NaN',
      'limit=null',
      'limit=99999999999999999999',
      'limit=x',
      'limit[]=1',
      'sort=name',
      '__proto__[x]=1',
      'mine=yes',
      'mine=1',
      'mine=TRUE',
      'mine=',
      'mine=true&mine=true',
      'cursor=x',
    ]) {
      isProblem(await house.ask('GET', `/api/communities?${query}`, { by: ada }), 400, 'validation_failed');
    }
  });

  it('numbers and times of every operation, in any spelling but the plain one', async () => {
    const odd = ['', ' ', '+1', '01', '1.0', '1e0', '0x1', '1 ', 'true', '[]', '-0', '-1', '9007199254740993'];
    const oddTimes = [
      '',
      '0',
      '1764288000000',
      '2026-01-31',
      'now',
      '2026-02-31T00:00:00Z',
      ' 2026-01-31T12:00:00Z',
      '2026-01-31 12:00:00Z',
    ];
    const operations: Operation[] = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
    const seen = new Set<string>();
    for (const operation of operations) {
      for (const way of waysOf(operation).filter(({ method }) => method === 'get')) {
        const read = createInputReader(operation, { ...way, status: 200 });
        /** What a field is read as, alone in a query; undefined: refused. */
        const taken = async (field: string, given: unknown): Promise<unknown> => {
          const request = { headers: {}, params: {}, query: { [field]: given } } as unknown as Request;
          const input = await read(request, {} as Response).catch(() => undefined);
          const parsed = input && operation.input.shape[field]?.safeParse(input[field]);
          return parsed?.success ? parsed.data : undefined;
        };
        const fields = Object.keys(operation.input.shape).filter((field) => !way.path.includes(`:${field}`));
        for (const field of fields.filter((name) => name === 'limit' || name.endsWith('_seq') || name.endsWith('_rev'))) {
          seen.add(field);
          for (const given of [...odd, ['1', '1'], null]) {
            expect([operation.name, field, given, await taken(field, given)]).toEqual([operation.name, field, given, undefined]);
          }
          expect(await taken(field, '7')).toBe(7);
        }
        for (const field of fields.filter((name) => name === 'before' || name === 'after')) {
          seen.add(field);
          for (const given of oddTimes) expect([field, given, await taken(field, given)]).toEqual([field, given, undefined]);
          expect(await taken(field, '2026-01-31T12:00:00Z')).toBeDefined();
        }
      }
    }
    expect([...seen].sort()).toEqual(['after', 'after_rev', 'after_seq', 'around_seq', 'before', 'before_seq', 'limit']);
  });

  it('a cursor of no listing, at every one', async () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { id: community_id } = (await create({ name: 'for lists' })).body;
    const { id: thread_id } = (await house.ask('POST', `/api/threads/community/${community_id}`, { by: ada, body: { title: 't' } })).body;
    const { id: message_id } = (await house.ask('POST', `/api/messages/thread/${thread_id}`, { by: ada, body: { content: 'm' } })).body;
    const named: Record<string, string> = { community_id, thread_id, message_id, member_id: ada.id, ledger: 'me' };
    const operations: Operation[] = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
    const paged = operations.filter(({ input }) => 'cursor' in input.shape);
    expect(paged.length).toBeGreaterThan(10);
    for (const { name, input, rest } of paged) {
      const path = rest?.path.replace(/:(\w+)/g, (_, field: string) => named[field] ?? 'missing');
      const needed = 'q' in input.shape ? 'q=x&' : '';
      const at = (cursor: string) => house.ask('GET', `/api${path}?${needed}cursor=${encodeURIComponent(cursor)}`, { by: ada });
      for (const value of [
        null,
        {},
        [],
        1,
        true,
        { created_at: { $gt: 0 }, id: ada.id },
        { skip: -1 },
        { after: 'x' },
        { id: { $ne: null } },
      ]) {
        const { status, body } = await at(encode(value));
        expect([name, value, status, body.errors?.[0]?.path]).toEqual([name, value, 400, 'cursor']);
      }
      for (const text of ['x', '%%%', '{}']) expect([name, text, (await at(text)).body.errors?.[0]?.path]).toEqual([name, text, 'cursor']);
    }
  });

  it('malformed ids and addresses', async () => {
    for (const at of [
      'communities/x',
      'communities/%00',
      'communities/..%2f..%2fetc',
      'communities/%zz',
      'threads/665F1C2AB3D4E5F60718293A',
      'messages/%7B%22%24ne%22%3A1%7D',
    ]) {
      isProblem(await house.ask('GET', `/api/${at}`, { by: ada }), 400, 'validation_failed');
    }
    isProblem(await house.ask('GET', '/api/nothing', { by: ada }), 404, 'not_found');
    isProblem(await house.ask('GET', '/api'), 404, 'not_found');
    isProblem(await house.ask('GET', '/API/communities', { by: ada }), 404, 'not_found');
  });

  it('other methods, saying which there are', async () => {
    const answer = await house.ask('POST', `/api/communities/${ada.id}`, { by: ada });
    isProblem(answer, 405, 'validation_failed');
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']);
    const joined = await house.ask('PATCH', `/api/communities/${ada.id}/join`, { by: ada });
    isProblem(joined, 405, 'validation_failed');
    expect(joined.headers.get('allow')).toBe('POST');
    expect((await house.ask('POST', '/api/threads/search', { by: ada })).headers.get('allow')).toBe('GET, HEAD');
    const head = await house.ask('HEAD', '/api/communities', { by: ada });
    expect([head.status, head.text]).toEqual([200, '']);
    const shown = [
      '/healthz',
      '/readyz',
      '/metrics',
      '/openapi.json',
      '/asyncapi.json',
      '/docs',
      '/docs/start.js',
      '/docs/swagger-ui.css',
      '/redoc',
    ];
    for (const at of [...shown, '/redoc/redoc.standalone.js', '/', `/c/${ada.id}`, invitePath, '/index.html', '/assets/index-abc123.js']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const other = await house.ask(method, at);
        isProblem(other, 405, 'validation_failed');
        expect([at, other.headers.get('allow')]).toEqual([at, 'GET, HEAD']);
      }
      expect([at, (await house.ask('OPTIONS', at)).headers.get('allow')]).toEqual([at, 'GET, HEAD']);
    }
    isProblem(await house.ask('POST', '/nothing'), 404, 'not_found');
    isProblem(await house.ask('POST', '/assets/missing.js'), 404, 'not_found');
  });

  it('everyone without a token, before anything else of the request is looked at', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      'Basic YTpi',
      `bearer: ${ada.token}`,
      `Bearer ${ada.token} x`,
      `Bearer ${ada.refresh}`,
    ]) {
      const answer = await house.ask('POST', '/api/communities', { body: '{', headers: { authorization } });
      isProblem(answer, 401, 'unauthenticated');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    isProblem(await house.ask('GET', `/api/communities?access_token=${ada.token}`), 401, 'unauthenticated');
    isProblem(await house.ask('GET', '/api/communities', { headers: { cookie: `access_token=${ada.token}` } }), 401, 'unauthenticated');
  });
});

describe('what every answer carries', () => {
  it('a request id: a sane one is kept, any other is replaced', async () => {
    const id = async (given: string): Promise<string | null> =>
      (await house.ask('GET', '/healthz', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
    expect(await id('trace-1234.5678')).toBe('trace-1234.5678');
    for (const bad of ['<script>', 'a b', 'x'.repeat(65), 'short', '{"a":1}aaaa']) {
      const kept = await id(bad);
      expect(kept).toMatch(/^[A-Za-z0-9_-]{16}$/);
    }
  });

  it('security headers, and no-store on the API', async () => {
    const api = await house.ask('GET', '/api/communities', { by: ada });
    expect(api.headers.get('cache-control')).toBe('no-store');
    expect(api.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(api.headers.get('x-powered-by')).toBeNull();
    for (const at of ['/', '/docs', '/healthz', '/nothing', '/api/communities']) {
      const { headers } = await house.ask('GET', at);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*('unsafe-inline'|'unsafe-eval'|https:|\*)/);
      expect(headers.get('strict-transport-security')).toContain('max-age');
    }
    const page = await house.ask('GET', '/');
    expect(page.headers.get('content-security-policy')).toMatch(/style-src 'self';/);
    expect(page.headers.get('content-security-policy')).toContain('wss://parley.example');
  });

  it('permission for exactly the listed origins, never with credentials', async () => {
    const from = async (origin: string): Promise<Headers> =>
      (await house.ask('GET', '/api/communities', { by: ada, headers: { origin } })).headers;
    expect((await from('https://chat.example')).get('access-control-allow-origin')).toBe('https://chat.example');
    for (const bad of [
      'https://chat.example.evil.example',
      'https://evilchat.example',
      'http://chat.example',
      'https://chat.example:444',
      'null',
      'https://a.chat.example',
    ]) {
      expect((await from(bad)).get('access-control-allow-origin')).toBeNull();
    }
    const preflight = await house.ask('OPTIONS', '/api/communities', {
      headers: { origin: 'https://chat.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
    for (const headers of [preflight.headers, await from('https://chat.example')])
      expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('limits', () => {
  it('show in headers, count by member or address, and refuse with Retry-After', async () => {
    const spent: [string, string | undefined, string][] = [];
    const limiter: Limiter = {
      spend: async (limit, who) => {
        spent.push([limit, who.member_id, who.address]);
        if (limit === 'search') throw new Fault('rate_limited', undefined, { retry_after_ms: 1500 });
        return { limit: 10, remaining: 9, reset_seconds: 30 };
      },
    };
    const limited = await RestHouse.open({ limiter });
    try {
      const bob = await limited.person('bob');
      const list = await limited.ask('GET', '/api/communities', { by: bob, headers: { 'x-forwarded-for': '6.6.6.6' } });
      expect([list.headers.get('ratelimit-limit'), list.headers.get('ratelimit-remaining'), list.headers.get('ratelimit-reset')]).toEqual([
        '10',
        '9',
        '30',
      ]);
      const search = await limited.ask('GET', '/api/messages/search?q=x', { by: bob });
      isProblem(search, 429, 'rate_limited');
      expect([search.headers.get('retry-after'), search.headers.get('ratelimit-remaining'), search.body.retry_after_ms]).toEqual([
        '2',
        '0',
        1500,
      ]);
      await limited.ask('GET', '/api/communities', { headers: { authorization: 'Bearer guess' } });
      expect(spent).toEqual([
        ['sign_up', undefined, '127.0.0.1'],
        ['read', bob.id, '127.0.0.1'],
        ['search', bob.id, '127.0.0.1'],
        ['probe', undefined, '127.0.0.1'],
      ]);
    } finally {
      await limited.close();
    }
  });
});

describe('beside the API', () => {
  it('probes and metrics', async () => {
    expect((await house.ask('GET', '/healthz')).body).toEqual({ status: 'alive' });
    expect((await house.ask('GET', '/readyz')).body).toEqual({ status: 'ready' });
    await house.ask('GET', `/api/communities/${ada.id}`, { by: ada });
    const { text } = await house.ask('GET', '/metrics', { headers: { authorization: `Bearer ${metricsToken}` } });
    expect(text).toContain('route="/api/communities/:community_id"');
    expect(text).not.toContain(ada.id);
    let state: { ok: false; reason: string } | Error = { ok: false, reason: 'Redis does not answer' };
    const sick = await RestHouse.open({
      readiness: async () => {
        if (state instanceof Error) throw state;
        return state;
      },
    });
    const answer = await sick.ask('GET', '/readyz');
    isProblem(answer, 503, 'unavailable');
    expect(answer.body.detail).toBe('Redis does not answer');
    state = new Error('canary');
    isProblem(await sick.ask('GET', '/readyz'), 503, 'unavailable');
    await sick.close();
  });

  it('documents, shown without anything from elsewhere', async () => {
    expect((await house.ask('GET', '/openapi.json')).body.openapi).toBe('3.1.0');
    expect((await house.ask('GET', '/asyncapi.json')).body.asyncapi).toBe('3.0.0');
    for (const at of ['/docs', '/redoc']) {
      const shown = await house.ask('GET', at);
      expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(shown.text).not.toMatch(/https?:\/\//);
      for (const [, file] of shown.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
        const loaded = await house.ask('GET', file ?? '');
        expect({ file, status: loaded.status }).toEqual({ file, status: 200 });
      }
    }
  });

  it('the web page, for its own addresses alone', async () => {
    for (const at of ['/', `/c/${ada.id}`, `/c/${ada.id}/t/${ada.id}`, invitePath]) {
      const page = await house.ask('GET', at);
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache']);
      // The address of the page goes to nobody, whatever is followed from there.
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect([at, page.headers.get('x-robots-tag')]).toEqual([at, at === invitePath ? 'noindex, nofollow' : null]);
      expect(page.text).toContain('<title>Parley</title>');
    }
    const script = await house.ask('GET', '/assets/index-abc123.js');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    for (const at of ['/.env', '/assets/missing.js', '/..%2f..%2fetc%2fpasswd', '/assets/..%2f.env', '/index.php', '/assets/', '/%00']) {
      const { status, text } = await house.ask('GET', at);
      expect({ at, refused: status === 404 || status === 400 }).toEqual({ at, refused: true });
      expect(text).not.toContain('SECRET');
    }
  });

  it('an invite, in the letters of a code alone', async () => {
    for (const code of ['x', 'A-_9', 'x'.repeat(64)]) expect((await house.ask('GET', `/invites/${code}`)).status).toBe(200);
    for (const code of ['', 'x'.repeat(65), 'a.b', 'a/b', 'a/', '%41', 'a%20b', '%C3%BC', 'a;b', 'a@b', '$where'])
      isProblem(await house.ask('GET', `/invites/${code}`), 404, 'not_found');
    isProblem(await house.ask('GET', '/Invites/x'), 404, 'not_found');
  });
});

describe('what goes wrong outside', () => {
  it('is no defect of ours: a body whose connection ends before it is read', async () => {
    let ended = false;
    /** Lets a request on when its connection has ended. */
    const spend = async (): Promise<null> => {
      await until('the connection to end', () => ended);
      return null;
    };
    const other = await RestHouse.open({ limiter: { spend } });
    const { hostname, port } = new URL(other.url);
    const head = 'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.write(head, () => resolve()));
    const seen = (): boolean => other.lines.some((line) => line.includes('"route":"/api/auth/login"'));
    setTimeout(() => socket.resetAndDestroy(), 20);
    // Its line is written when the connection has ended, whatever has become of the request.
    await until('the door to have seen it end', seen);
    ended = true;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    await other.close();
    expect(other.lines.filter((line) => line.includes('defect'))).toEqual([]);
  });
});

describe('what goes wrong inside', () => {
  it('is told as unavailable, logged with its request id, and holds no secret', async () => {
    const store = createMemoryStore({ clock: systemClock, collections: collectionsOf(features) });
    let broken = false;
    const failing = changed(store.communities, {
      list: (...all) => (broken ? Promise.reject(new TypeError('canary-defect')) : store.communities.list(...all)),
    });
    const other = await RestHouse.open({ store: { ...store, communities: failing } });
    const bob = await other.person('bob');
    broken = true;
    const answer = await other.ask('GET', '/api/communities?q=canary-search', { by: bob });
    isProblem(answer, 503, 'unavailable');
    expect(answer.text).not.toContain('canary');
    const log = other.lines.join('');
    expect(other.lines.some((line) => line.includes('canary-defect') && line.includes(answer.body.request_id))).toBe(true);
    const made = (await other.ask('POST', '/api/communities', { by: bob, body: { name: 'x' } })).body;
    const thread = (await other.ask('POST', `/api/threads/community/${made.id}`, { by: bob, body: { title: 'canary-title' } })).body;
    await other.ask('POST', `/api/messages/thread/${thread.id}`, { by: bob, body: { content: 'canary-content' } });
    await other.close();
    const all = log + other.lines.join('');
    for (const hidden of ['correct horse', bob.token, bob.refresh, 'canary-search', 'canary-title', 'canary-content'])
      expect(all).not.toContain(hidden);
    expect(all).toContain('"route":"/api/messages/thread/:thread_id"');
    expect(all).toContain(`"member_id":"${bob.id}"`);
  });

  it('does not keep it from answering: half a request, then another', async () => {
    const { hostname, port } = new URL(house.url);
    for (const bytes of [
      'GARBAGE\r\n\r\n',
      `POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"login`,
      'GET /api/communities HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.write(bytes, () => setTimeout(() => socket.destroy(), 50)));
        socket.on('error', () => resolve()).on('close', () => resolve());
      });
    }
    expect((await house.ask('GET', '/healthz')).status).toBe(200);
  });
});

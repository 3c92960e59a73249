import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { precompress } from '../../../scripts/build/precompress.js';
import { type Person, RestHouse } from './rest-house.js';

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
}

const webRoot = mkdtempSync(path.join(tmpdir(), 'web-'));
const script = `export const words = ${JSON.stringify('all the words of the page '.repeat(500))};\n`;
const page = `<!doctype html><title>Parley</title>${'<p>words</p>'.repeat(200)}`;

let house: RestHouse;
let ada: Person;
beforeAll(async () => {
  mkdirSync(path.join(webRoot, 'assets'));
  const files = { 'index.html': page, 'assets/index-abc123.js': script, 'favicon.svg': '<svg/>', 'picture.png': 'x'.repeat(5_000) };
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(webRoot, name), content);
  await precompress(Object.keys(files).map((name) => path.join(webRoot, name)));
  house = await RestHouse.open({ http: { webRoot } });
  ada = await house.person('ada');
  for (let i = 0; i < 20; i++) {
    await house.ask('POST', '/api/communities', { by: ada, body: { name: `of Ada, ${i}`, description: 'words '.repeat(20) } });
  }
});
afterAll(() => house.close());

/** The bytes as they came: `fetch` would unpack them. */
const raw = (method: string, at: string, headers: Record<string, string> = {}, body?: string): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const going = request(
      house.url + at,
      { method, headers: { ...headers, ...(body && { 'content-type': 'application/json' }) } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(chunks) }));
      },
    );
    going.on('error', reject);
    going.end(body);
  });
const get = (at: string, accept?: string, more: Record<string, string> = {}): Promise<Raw> =>
  raw('GET', at, { ...(accept !== undefined && { 'accept-encoding': accept }), ...more });
const unpacked = ({ headers, bytes }: Raw): string =>
  (headers['content-encoding'] === 'br'
    ? brotliDecompressSync(bytes)
    : headers['content-encoding'] === 'gzip'
      ? gunzipSync(bytes)
      : bytes
  ).toString();
const bearer = () => ({ authorization: `Bearer ${ada.token}` });

describe('compression', () => {
  it('packs page, scripts, documents and long JSON, as the client can read it', async () => {
    for (const at of [
      '/',
      `/c/${ada.id}`,
      '/assets/index-abc123.js',
      '/openapi.json',
      '/asyncapi.json',
      '/docs/swagger-ui-bundle.js',
      '/api/communities',
    ]) {
      const plain = await get(at, undefined, bearer());
      expect([at, plain.status, plain.headers['content-encoding']]).toEqual([at, 200, undefined]);
      const table: [string, string | undefined][] = [
        ['br', 'br'],
        ['gzip', 'gzip'],
        ['gzip, deflate, br', 'br'],
        ['br;q=0, gzip', 'gzip'],
        ['identity', undefined],
        ['zstd', undefined],
        ['gzip;q=0', undefined],
      ];
      for (const [accept, encoding] of table) {
        const answer = await get(at, accept, bearer());
        expect([at, accept, answer.headers['content-encoding']]).toEqual([at, accept, encoding]);
        expect(unpacked(answer) === plain.bytes.toString()).toBe(true);
        expect([at, String(answer.headers.vary).toLowerCase()]).toEqual([at, expect.stringContaining('accept-encoding')]);
        expect(answer.headers['content-type']?.toString().toLowerCase()).toBe(plain.headers['content-type']?.toString().toLowerCase());
        if (encoding !== undefined) expect(answer.bytes.length).toBeLessThan(plain.bytes.length / 2);
      }
    }
  });

  it('packs no file and no document anew, by whichever encoding somebody asks for it', async () => {
    for (const at of ['/', '/assets/index-abc123.js', '/openapi.json', '/asyncapi.json', '/docs/swagger-ui-bundle.js', '/docs']) {
      for (const accept of ['deflate', 'deflate, zstd', 'x-gzip', 'compress', '*;q=0, deflate', 'gzip;q=0, br;q=0, deflate']) {
        expect([at, accept, (await get(at, accept)).headers['content-encoding']]).toEqual([at, accept, undefined]);
      }
    }
  });

  it('leaves what is short, what is packed already, and all that holds a token', async () => {
    for (const at of ['/healthz', '/favicon.svg', '/picture.png', '/docs/favicon-32x32.png', `/api/members/${ada.id}`, '/api/nothing']) {
      expect([at, (await get(at, 'br, gzip', bearer())).headers['content-encoding']]).toEqual([at, undefined]);
    }
    const text = JSON.stringify({ username: 'bob', email: 'bob@example.org', password: 'correct horse', full_name: 'b'.repeat(100) });
    const signedUp = await raw('POST', '/api/auth/register', { 'accept-encoding': 'br, gzip' }, text);
    expect([signedUp.status, signedUp.bytes.length > 500, signedUp.headers['content-encoding']]).toEqual([201, true, undefined]);
    const session = await raw(
      'POST',
      '/api/auth/login',
      { 'accept-encoding': 'gzip' },
      JSON.stringify({ login: 'bob', password: 'correct horse' }),
    );
    expect([session.status, session.headers['content-encoding']]).toEqual([200, undefined]);
    for (let i = 0; i < 12; i++) await raw('POST', '/api/auth/login', {}, JSON.stringify({ login: 'ada', password: 'correct horse' }));
    const sessions = await get('/api/auth/sessions', 'br, gzip', bearer());
    expect([sessions.bytes.length > 1_500, sessions.headers['content-encoding']]).toEqual([true, undefined]);
  });

  it('keeps private answers out of every store, packed or not', async () => {
    for (const accept of ['br', 'identity']) {
      const answer = await get('/api/communities', accept, bearer());
      expect([answer.headers['cache-control'], answer.headers.etag]).toEqual(['no-store', undefined]);
    }
  });

  it('has no addresses for the packed files', async () => {
    for (const at of ['/index.html.br', '/assets/index-abc123.js.br', '/assets/index-abc123.js.gz', '/docs/swagger-ui.css.br']) {
      expect([at, (await get(at)).status]).toEqual([at, 404]);
    }
  });
});

describe('validators', () => {
  it('page, files and documents have one, and whoever has the newest is told so', async () => {
    for (const at of [
      '/',
      `/c/${ada.id}/t/${ada.id}`,
      '/assets/index-abc123.js',
      '/favicon.svg',
      '/openapi.json',
      '/asyncapi.json',
      '/docs',
      '/docs/swagger-ui.css',
      '/redoc',
    ]) {
      for (const accept of ['br', 'gzip', 'identity']) {
        const first = await get(at, accept);
        const etag = String(first.headers.etag);
        expect([at, etag]).toEqual([at, expect.stringMatching(/^(W\/)?"[^"]+"$/)]);
        const again = await get(at, accept, { 'if-none-match': etag });
        expect([at, accept, again.status, again.bytes.length, again.headers['x-content-type-options']]).toEqual([
          at,
          accept,
          304,
          0,
          'nosniff',
        ]);
        expect([at, again.headers.etag]).toEqual([at, etag]);
        expect((await get(at, accept, { 'if-none-match': '"another"' })).status).toBe(200);
        if (first.headers['last-modified']) {
          expect((await get(at, accept, { 'if-modified-since': String(first.headers['last-modified']) })).status).toBe(304);
        }
      }
    }
  });
});

describe('the build', () => {
  it('leaves packed files that are what they were, and none where nothing is gained', async () => {
    const made = readdirSync(webRoot, { recursive: true }).map(String).sort();
    expect(made).toEqual([
      'assets',
      'assets/index-abc123.js',
      'assets/index-abc123.js.br',
      'assets/index-abc123.js.gz',
      'favicon.svg',
      'index.html',
      'index.html.br',
      'index.html.gz',
      'picture.png',
    ]);
    expect(brotliDecompressSync(readFileSync(path.join(webRoot, 'assets/index-abc123.js.br'))).toString()).toBe(script);
    expect(gunzipSync(readFileSync(path.join(webRoot, 'index.html.gz'))).toString()).toBe(page);
    // What has changed is packed anew.
    const file = path.join(webRoot, 'late.js');
    writeFileSync(file, script);
    await precompress([file]);
    writeFileSync(file, script.replaceAll('words', 'terms'));
    utimesSync(file, new Date(), new Date(Date.now() + 2_000));
    await precompress([file]);
    expect(gunzipSync(readFileSync(`${file}.gz`)).includes('terms')).toBe(true);
  });
});

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUp, token } from '../cluster/people.js';
import { rawAnswer } from './raw-answer.js';
import { knock } from './rest-door.js';

const wanted = [
  /^x-content-type-options: nosniff$/im,
  /^content-security-policy: .*frame-ancestors 'none'/im,
  /^referrer-policy: no-referrer$/im,
  /^x-frame-options: deny$/im,
  /^strict-transport-security: max-age=/im,
];

describe('security headers', () => {
  let cluster: TestCluster;
  let url: string;
  let host: string;
  let member: ParleyClient;
  let access: string;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, env: { PUBLIC_URL: 'https://chat.example.org', CORS_ORIGINS: 'https://other.example' } });
    url = cluster.urls[0] as string;
    host = new URL(url).host;
    member = await signUp([url]);
    access = await token(member);
  });
  afterAll(async () => {
    member?.close();
    await cluster?.stop();
  });

  /** The head of what is answered first. */
  const headOf = async (line: string, headers: string[] = [], body = ''): Promise<string> => {
    const all = [`Host: ${host}`, 'Connection: close', ...headers];
    return (await rawAnswer(url, `${line} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`)).split('\r\n\r\n')[0] ?? '';
  };
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

  it('72 are on every answer of both doors, whoever writes it', async () => {
    const { sid } = JSON.parse((await knock(url, '/socket.io/?EIO=4&transport=polling')).text.slice(1)) as { sid: string };
    const json = 'Content-Type: application/json';
    const asked: [string, string[]?, string?][] = [
      ['GET /'],
      ['HEAD /'],
      ['GET /c/665f1c2ab3d4e5f60718293a'],
      ['GET /favicon.svg'],
      ['GET /nowhere'],
      ['GET /docs'],
      ['GET /docs/swagger-ui-bundle.js'],
      ['GET /redoc'],
      ['GET /openapi.json'],
      ['GET /healthz'],
      ['GET /readyz'],
      ['GET /metrics'],
      ['GET /metrics/'],
      ['GET /api/communities'],
      ['GET /api/communities', [`Authorization: Bearer ${access}`]],
      ['PATCH /api/communities'],
      ['OPTIONS /api/communities', ['Origin: https://other.example', 'Access-Control-Request-Method: PUT']],
      ['POST /api/auth/login', [json, 'Content-Length: 1'], '{'],
      ['POST /api/auth/login', [json, 'Content-Length: 99999999']],
      ['GET /socket.io/?EIO=4&transport=polling'],
      ['GET /socket.io/?EIO=4&transport=polling', ['Origin: https://evil.example']],
      ['GET /socket.io/?EIO=4&transport=nonsense'],
      ['GET /socket.io/?EIO=4&transport=polling&sid=unknown'],
      ['GET /socket.io/'],
      ['GET /socket.io'],
      ['GET /socket.io/socket.io.js'],
      ['PUT /socket.io/?EIO=4&transport=polling'],
      ['OPTIONS /socket.io/?EIO=4&transport=polling', ['Origin: https://other.example', 'Access-Control-Request-Method: POST']],
      [`POST /socket.io/?EIO=4&transport=polling&sid=${sid}`, ['Content-Type: text/plain', 'Content-Length: 2'], '40'],
      [`POST /socket.io/?EIO=4&transport=polling&sid=${sid}`, ['Content-Type: text/plain', 'Content-Length: 99999999']],
      ['GET /socket.io/?EIO=4&transport=websocket', upgrade],
      ['GET /socket.io/?EIO=4&transport=websocket', [...upgrade, 'Origin: https://evil.example']],
      ['GET /socket.io/?EIO=4&transport=nonsense', upgrade],
      ['GET /socket.io/?EIO=4&transport=websocket&sid=unknown', upgrade],
      ['GET /socket.io/?EIO=4&transport=polling', upgrade],
      ['GET /socket.io/?EIO=4&transport=polling', ['Connection: Upgrade', 'Upgrade: foo']],
      ['GET /socket.io/?EIO=4&transport=websocket', ['Connection: Upgrade', 'Upgrade: foo']],
      ['POST /socket.io/?EIO=4&transport=websocket', upgrade],
      ['GET /socket.io/?EIO=4&transport=websocket', [...upgrade.slice(0, 3), 'Sec-WebSocket-Key: short']],
      ['GET /socket.io/?EIO=4&transport=websocket', [...upgrade.filter((line) => !line.includes('Version')), 'Sec-WebSocket-Version: 7']],
      ['GET /socket.io/?EIO=4&transport=websocket', [...upgrade, 'Sec-WebSocket-Protocol: a b']],
      ['GET /elsewhere', upgrade],
      ['GET /ws', upgrade],
      ['GET /ws', [...upgrade, 'Origin: https://evil.example']],
      ['GET /ws', [...upgrade.slice(0, 3), 'Sec-WebSocket-Key: short']],
      ['GET /ws/x', upgrade],
      ['POST /ws', upgrade],
      ['GET /ws'],
      ['GET /healthz', ['Connection: Upgrade', 'Upgrade: h2c']],
      ['GET /healthz', ['Expect: the-unexpected']],
      ['CONNECT evil.example:443'],
      ['BREW /healthz'],
      ['GET /health z'],
      ['GET /healthz', [`X-Long: ${'x'.repeat(20_000)}`]],
      ['GET /healthz', ['Broken header']],
      ['GET /healthz', ['Content-Length: x']],
      ['POST /api/auth/login', [json, 'Transfer-Encoding: chunked'], 'zz\r\n'],
    ];
    for (const [line, headers, body] of asked) {
      const websocket =
        headers?.includes('Upgrade: websocket') &&
        (line.includes('transport=websocket') || line.endsWith(' /ws')) &&
        !line.includes('sid') &&
        line.startsWith('GET') &&
        upgrade.every((header) => headers.includes(header)) &&
        !headers.some((header) => /evil|Protocol/.test(header));
      const head = websocket ? await headOfUpgrade(line, headers ?? []) : await headOf(line, headers, body);
      expect([line, head]).toEqual([line, expect.stringMatching(/^HTTP\/1\.1 \d{3} /)]);
      for (const header of wanted) expect([line, headers, head]).toEqual([line, headers, expect.stringMatching(header)]);
      // One of each: two policies would be two opinions.
      expect([line, head.match(/^content-security-policy:/gim)?.length]).toEqual([line, 1]);
    }
  });

  /** A finished upgrade stays open, so it is ended by a WebSocket frame that no server takes: one without a mask. */
  const headOfUpgrade = async (line: string, headers: string[]): Promise<string> => {
    const answer = await rawAnswer(url, `${line} HTTP/1.1\r\nHost: ${host}\r\n${headers.join('\r\n')}\r\n\r\n\u0001\u0001x`);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    return answer.split('\r\n\r\n')[0] ?? '';
  };

  it('72 and the name of the host are not got around by offering another protocol, which is ignored', async () => {
    const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'];
    expect(await headOf('GET /healthz', h2c)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await headOf('GET /api/communities', [...h2c, `Authorization: Bearer ${access}`])).toMatch(/^HTTP\/1\.1 200 /);
    expect(await headOf('GET /api/communities', h2c)).toMatch(/^HTTP\/1\.1 401 /);
    expect(await headOf('GET /socket.io/?EIO=4&transport=websocket', h2c)).toMatch(/^HTTP\/1\.1 400 /);
    const foreign = `GET /api/communities HTTP/1.1\r\nHost: evil.example\r\n${h2c.join('\r\n')}\r\n\r\n`;
    expect(await rawAnswer(url, foreign)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('72 let the page load pictures of its own host alone, and the page asks for no others', async () => {
    for (const path of ['/', '/docs', '/redoc']) {
      const policy = String((await knock(url, path)).headers['content-security-policy']);
      expect(/img-src ([^;]*)/.exec(policy)?.[1]).toBe("'self' data:");
      expect(policy).not.toMatch(/https?:(?!\/\/)|\*/);
    }
    expect(readFileSync('dist/web/index.html', 'utf8')).not.toMatch(/https?:\/\//);
  });
});

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { standBefore } from '../../../src/gateway/rest/front.js';
import { createHttpServer } from '../../../src/gateway/rest/server.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { rawAnswer } from '../../security/raw-answer.js';
import { until } from '../../until.js';

/** As `curl --http2` and Java's HttpClient send it with every request. */
const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
const later = 'GET /later HTTP/1.1\r\nHost: x\r\n\r\n';

describe('requests that offer another protocol', () => {
  let server: Server;
  let url: string;
  let seen: string[];
  beforeEach(async () => {
    seen = [];
    // Says what it was asked, with the whole body, once so many bytes have come on the connection.
    const door = (request: IncomingMessage, response: ServerResponse): void => {
      let body = '';
      seen.push(request.url!);
      const answer = (): void => {
        if (request.socket.bytesRead < Number(request.headers['x-after'] ?? 0)) setImmediate(answer);
        else response.end(`<${request.method} ${request.url} ${body}>`);
      };
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', answer);
    };
    server = createHttpServer(door as never);
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    standBefore(server, { entrance: () => undefined, rest: door, headers: {}, telemetry: new Telemetry() });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const answersTo = async (bytes: string): Promise<string[]> =>
    [...(await rawAnswer(url, bytes)).matchAll(/<.*?>|HTTP\/1.1 \d+/g)].map(String);

  it.each([
    ['a look', `GET /one HTTP/1.1\r\nHost: x\r\n${h2c}\r\n`, '<GET /one >'],
    ['a body', `POST /one HTTP/1.1\r\nHost: x\r\n${h2c}Content-Length: 4\r\n\r\nbody`, '<POST /one body>'],
    [
      'a body in chunks',
      `PUT /one HTTP/1.1\r\nHost: x\r\n${h2c}Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n`,
      '<PUT /one body>',
    ],
    ['another protocol', 'GET /one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0, foo\r\n\r\n', '<GET /one >'],
    ['polling', `GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: x\r\n${h2c}\r\n`, '<GET /socket.io/?EIO=4 >'],
  ])('%s is answered as if nothing were offered, and the connection ends', async (_, request, answer) => {
    expect(await answersTo(request)).toEqual(['HTTP/1.1 200', answer]);
    expect(await rawAnswer(url, request)).toMatch(/^Connection: close$/m);
  });

  it('serves nothing that comes behind an offer that it ignores, in whatever pieces', async () => {
    const offer = `GET /one HTTP/1.1\r\nHost: x\r\nX-After: 300\r\n${h2c}\r\n`;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => (heard += String(chunk)));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.write(offer + later.slice(0, 20));
    await until('the offer to have come', () => seen.length === 1);
    // What is left of the one that was cut would be another request.
    socket.write(later.repeat(10));
    await ended;
    expect(seen).toEqual(['/one']);
    expect(heard.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(await answersTo(offer.replace('300', '0') + later)).toEqual(['HTTP/1.1 200', '<GET /one >']);
  });

  it.each(['websocket', 'WebSocket', 'h2c, websocket'])('%s is heeded at its address, and nowhere else', async (protocol) => {
    const ask = (path: string) => answersTo(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
    expect(await ask('/socket.io/')).toEqual(['HTTP/1.1 101']);
    expect(await ask('/one')).toEqual(['HTTP/1.1 404']);
  });

  it('is no proxy', async () => {
    expect(await answersTo('CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toEqual(['HTTP/1.1 405']);
  });
});

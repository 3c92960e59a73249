import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCommunity } from '../../../src/features/communities/contract.js';
import type { Refusal } from '../../../src/gateway/rest/entrance.js';
import { standBefore } from '../../../src/gateway/rest/front.js';
import { createHttpServer } from '../../../src/gateway/rest/server.js';
import { Fault } from '../../../src/kernel/errors.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { bodyBytesOf } from '../../../src/protocol/body-bytes.js';
import { rawAnswer } from '../../security/raw-answer.js';
import { type Person, RestHouse } from './rest-house.js';

describe('who asks before sending a body (Expect: 100-continue)', () => {
  let house: RestHouse;
  let ada: Person;
  beforeAll(async () => {
    house = await RestHouse.open();
    ada = await house.person('ada');
  });
  afterAll(() => house.close());

  /** The statuses that are heard before the connection ends. A body is sent at once: what is said first counts. */
  const heard = async (line: string, headers: string[], body = '', url = house.url): Promise<number[]> => {
    const all = ['Host: 127.0.0.1', 'Expect: 100-continue', 'Content-Type: application/json', ...headers];
    const text = await rawAnswer(url, `${line} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`);
    return [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
  };
  const limit = bodyBytesOf({ body: createCommunity.input });

  it('hears to go on where the body is wanted, and then the answer', async () => {
    const body = '{"name":"Asked before"}';
    const headers = [`Authorization: Bearer ${ada.token}`, `Content-Length: ${body.length}`, 'Connection: close'];
    expect(await heard('POST /api/communities', headers, body)).toEqual([100, 201]);
    const bad = '{"name":';
    const malformed = [`Authorization: Bearer ${ada.token}`, `Content-Length: ${bad.length}`, 'Connection: close'];
    expect(await heard('POST /api/communities', malformed, bad)).toEqual([100, 400]);
  });

  it.each<[string, string, (token: string) => string[], number]>([
    ['is too large', 'POST /api/communities', (token) => [`Authorization: Bearer ${token}`, `Content-Length: ${limit + 1}`], 413],
    ['comes from nobody', 'POST /api/communities', () => ['Content-Length: 20'], 401],
    [
      'is of another kind',
      'POST /api/communities',
      (token) => [`Authorization: Bearer ${token}`, 'Content-Length: 20', 'Content-Encoding: br'],
      415,
    ],
    ['has no route', 'POST /api/nowhere', () => ['Content-Length: 20'], 404],
    [
      'is for an address that takes none',
      'DELETE /api/auth/sessions',
      (token) => [`Authorization: Bearer ${token}`, 'Content-Length: 20'],
      400,
    ],
  ])('hears the refusal alone, and nothing of the body is waited for, where it %s', async (_, line, headers, status) => {
    expect(await heard(line, headers(ada.token))).toEqual([status]);
  });

  it('hears the same from the socket door, when the entrance has let it pass', async () => {
    const polled = (request: IncomingMessage, response: ServerResponse): void => {
      request.resume().on('end', () => response.end('ok'));
    };
    const refused = (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(413).end();
    };
    const server = createHttpServer(polled as never);
    const tooLarge: Refusal = { fault: new Fault('payload_too_large'), status: 413 };
    const entrance = ({ headers }: IncomingMessage) => (Number(headers['content-length']) > 9 ? tooLarge : undefined);
    standBefore(server, { entrance, rest: refused, headers: {}, telemetry: new Telemetry() });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await heard('POST /socket.io/', ['Content-Length: 2', 'Connection: close'], '40', url)).toEqual([100, 200]);
    expect(await heard('POST /socket.io/', ['Content-Length: 10'], '', url)).toEqual([413]);
    await new Promise((resolve) => server.close(resolve));
  });
});

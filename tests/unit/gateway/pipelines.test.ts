import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { standBefore } from '../../../src/gateway/rest/front.js';
import { mostPipelined } from '../../../src/gateway/rest/pipelines.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';

describe('requests that are sent on one connection without waiting for answers', () => {
  let server: Server;
  let telemetry: Telemetry;
  /** What has come to a door and has no answer yet. */
  let waiting: ServerResponse[];
  let seen: number;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    waiting = [];
    seen = 0;
    telemetry = new Telemetry();
    const door = (_request: IncomingMessage, response: ServerResponse): void => {
      seen++;
      waiting.push(response);
    };
    server = createServer(door);
    standBefore(server, { entrance: () => undefined, rest: door, headers: {}, telemetry });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const client = async (): Promise<{ socket: Socket; ended: Promise<void>; text: () => string }> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    let got = '';
    socket.on('data', (chunk) => {
      got += String(chunk);
    });
    socket.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    return { socket, ended, text: () => got };
  };
  const requests = (count: number, path = '/api/auth/sign_up'): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(count);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  it.each([
    ['/', mostPipelined + 1],
    ['/openapi.json', 5_000],
    ['/api/auth/sign_up', 20_000],
    ['/socket.io/?EIO=4&transport=polling', 1_000],
  ])('%s, %d at once: the connection ends, and no more than a few come to a door', async (path, count) => {
    const { socket, ended } = await client();
    socket.write(requests(count, path));
    await ended;
    expect(seen).toBe(mostPipelined);
    expect(await telemetry.registry.getSingleMetricAsString('parley_gateway_bounds_total')).toContain('{bound="pipelined"} 1');
  });

  it('as many as may wait are all answered, however often, one after the other or together', async () => {
    const { socket, text } = await client();
    for (let round = 1; round <= 3; round++) {
      socket.write(requests(mostPipelined));
      await until(() => waiting.length === mostPipelined);
      for (const response of waiting.splice(0)) response.end('done');
      await until(() => text().split('done').length - 1 === round * mostPipelined);
    }
    expect(seen).toBe(3 * mostPipelined);
  });

  it('is a bound of one connection, not of its neighbours', async () => {
    const [one, two] = [await client(), await client()];
    one.socket.write(requests(mostPipelined + 1));
    two.socket.write(requests(mostPipelined));
    await one.ended;
    await until(() => seen === 2 * mostPipelined);
    for (const response of waiting.splice(0)) response.end('done');
    await until(() => two.text().split('done').length - 1 === mostPipelined);
  });
});

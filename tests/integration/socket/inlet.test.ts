import { request } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type ConnectionBounds, connectionBounds } from '../../../src/gateway/socket/admission.js';
import type { ReceivingSocket } from '../../../src/gateway/socket/bounded-web-sockets.js';
import type { PollingTransport } from '../../../src/gateway/socket/inlet.js';
import { inletBounds } from '../../../src/gateway/socket/inlet-bounds.js';
import { waitingBelow } from '../../../src/gateway/socket/tcp-handle.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { bounds } from '../../../src/protocol/primitives.js';
import { until } from '../../until.js';
import { RawClient } from './raw-client.js';
import { type NodeOptions, World, type WorldNode } from './world.js';

/** What comes in by real connections of every kind. */
let world: World;
let node: WorldNode;

const start = async (connections: ConnectionBounds | null, options: NodeOptions = {}): Promise<void> => {
  world = new World();
  node = await world.addNode({ connections, ...options });
};
afterEach(() => world.stop());

interface ServerWebSocket extends ReceivingSocket {
  readonly bufferedAmount: number;
  readonly _socket: object;
  readonly _autoPong: boolean;
  readonly _receiver: { _maxPayload: number; _maxFragments: number; _maxBufferedChunks: number };
  readonly _closeTimeout: number;
}
interface ServerEngine {
  readonly transport: PollingTransport & { readonly socket?: ServerWebSocket };
}
const engines = (): ServerEngine[] => Object.values((node.hub.io.engine as unknown as { clients: Record<string, ServerEngine> }).clients);
const met = async (bound: string): Promise<number> =>
  (await node.telemetry.boundsMet.get()).values.find(({ labels }) => labels.bound === bound)?.value ?? 0;

const polled = (query: string, body?: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve) => {
    const sent = request(
      `${node.url}/socket.io/?EIO=4&transport=polling${query}`,
      { method: body === undefined ? 'GET' : 'POST' },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', () => resolve({ status: 0, text }));
      },
    );
    sent.on('error', () => resolve({ status: 0, text: '' }));
    sent.end(body);
  });
const handshake = async (): Promise<string> => (JSON.parse((await polled('')).text.slice(1)) as { sid: string }).sid;
const credentials = (name: string): string => {
  const member = idFromName('member', name);
  world.truth.members.add(member);
  return `40${JSON.stringify({ token: `${member}:${name}` })}`;
};

describe('what is reached into', () => {
  test('of a WebSocket is there, and grows with signing in', async () => {
    await start(null);
    const client = await RawClient.open(node);
    const { socket } = engines()[0]!.transport;
    expect({
      autoPong: socket?._autoPong,
      payload: socket?._receiver._maxPayload,
      fragments: socket?._receiver._maxFragments,
      pieces: socket?._receiver._maxBufferedChunks,
      closing: socket?._closeTimeout,
    }).toEqual({
      ...{ autoPong: false, payload: inletBounds.entryBytes, fragments: inletBounds.fragments, pieces: inletBounds.pieces },
      closing: inletBounds.closeMs,
    });
    client.send(credentials('ada'));
    await until('it is in', () => client.frames.length === 2);
    expect(socket?._receiver._maxPayload).toBe(bounds.frameBytes);
  });

  test('of a polling connection is there, grows with signing in, and with it the WebSocket that it becomes', async () => {
    await start(null);
    const sid = await handshake();
    const { transport } = engines()[0]!;
    expect([transport.name, transport.maxHttpBufferSize, Object.hasOwn(transport, 'onData')]).toEqual([
      'polling',
      inletBounds.entryBytes,
      true,
    ]);
    await polled(`&sid=${sid}`, credentials('ada'));
    expect((await polled(`&sid=${sid}`)).text).toContain('40{"sid"');
    expect(transport.maxHttpBufferSize).toBe(bounds.frameBytes);
    const client = world.dial(node, { token: 'bob:bob' }, { transports: ['polling', 'websocket'] });
    await new Promise<void>((resolve) => client.once('connect', resolve));
    await until('it is a WebSocket', () => engines()[1]?.transport.name === 'websocket');
    expect(engines()[1]!.transport.socket!._receiver._maxPayload).toBe(bounds.frameBytes);
    const long = await client.timeout(5_000).emitWithAck('send_message', { content: 'x'.repeat(500_000) });
    expect(long).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
  });
});

test('before signing in a body or a frame of more than one CONNECT takes is not read', async () => {
  await start(null);
  const sid = await handshake();
  expect((await polled(`&sid=${sid}`, `40{"token":"${'x'.repeat(inletBounds.entryBytes)}"}`)).status).toBe(413);
  const client = await RawClient.open(node);
  client.send(`40{"token":"${'x'.repeat(inletBounds.entryBytes)}"}`);
  await until('it is closed', () => client.closed);
});

test('a message in more pieces than any client makes ends its connection', async () => {
  await start(null);
  const client = await RawClient.member(node);
  for (let n = 0; n <= inletBounds.fragments; n++) client.sendFragment(n === 0);
  await until('it is closed', () => client.closed);
});

test('pings are answered while little waits, and no more than that waits for one who never reads, signed in or not', async () => {
  await start(null);
  for (const open of [RawClient.open, RawClient.member]) {
    const client = await open(node);
    client.ping('hello');
    await until('it is answered', () => client.pongs.includes('hello'));
    client.stopReading();
    const { socket } = engines().at(-1)!.transport;
    const waiting = (): number => socket!.bufferedAmount + waitingBelow(socket!._socket);
    const withheld = await met('pongs');
    for (let n = 0; n < 20_000 && (await met('pongs')) === withheld; n++) {
      for (let k = 0; k < 1_000; k++) client.ping('x'.repeat(125));
      await new Promise((resolve) => setImmediate(resolve));
      expect(waiting()).toBeLessThanOrEqual(inletBounds.pongBytes + 200);
    }
    expect(await met('pongs')).toBeGreaterThan(withheld);
    client.readAgain();
    await until('all of it is read', () => waiting() === 0);
    client.ping('again');
    await until('it is answered again', () => client.pongs.includes('again'));
    client.close();
  }
});

test.each(['pings', 'pongs', 'binary', 'engine packets', 'empty frames', 'events'])('a flood of %s is closed', async (kind) => {
  await start(connectionBounds);
  const client = await RawClient.member(node);
  const flood: Record<string, () => void> = {
    pings: () => client.ping(''),
    pongs: () => client.pong(),
    binary: () => {
      client.send('4510-["x"]');
      for (let n = 0; n < 10; n++) client.send(new Uint8Array(1));
    },
    'engine packets': () => client.send('6'),
    'empty frames': () => client.send('3'),
    events: () => client.send('42["typing",{}]'),
  };
  for (let n = 0; n < 100 && !client.closed; n++) {
    for (let k = 0; k < 100; k++) flood[kind]!();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await until('it is closed', () => client.closed);
  expect(await met('flood')).toBe(1);
});

test('by polling too; requests beyond the burst are answered so that each knows', async () => {
  await start({ ...connectionBounds, allowance: { perSecond: 1, burst: 20, end: 200 } });
  const sid = await handshake();
  await polled(`&sid=${sid}`, credentials('ada'));
  await polled(`&sid=${sid}`);
  const leave = (n: number): string => `42${n}["leave_thread",{"thread_id":"${world.truth.thread('t')}"}]`;
  await polled(`&sid=${sid}`, Array.from({ length: 10 }, (_x, n) => leave(n)).join('\x1e'));
  expect((await polled(`&sid=${sid}`)).text.match(/"ok":true/g)).toHaveLength(10);
  await polled(`&sid=${sid}`, [...Array.from({ length: 10 }, (_x, n) => leave(n)), '42["typing",{}]'].join('\x1e'));
  const { text } = await polled(`&sid=${sid}`);
  expect(text.match(/43\d\[\{"ok":false,"error":\{"code":"rate_limited"/g)).toHaveLength(10);
  await polled(`&sid=${sid}`, Array.from({ length: 100 }, (_x, n) => leave(n)).join('\x1e'));
  expect((await polled(`&sid=${sid}`)).text).toContain('Session ID unknown');
});

test('what one connection owes goes over to the WebSocket that it becomes, and to the next of the same member', async () => {
  await start({ ...connectionBounds, allowance: { perSecond: 1, burst: 50, end: 400 } });
  const sid = await handshake();
  await polled(`&sid=${sid}`, credentials('ada'));
  await polled(`&sid=${sid}`);
  await polled(`&sid=${sid}`, Array.from({ length: 40 }, () => '6').join('\x1e'));
  const client = await RawClient.open(node, sid);
  client.send('2probe');
  await until('the probe is answered', () => client.frames.includes('3probe'));
  client.send('5');
  for (let n = 0; n < 10; n++) client.send(`42${n}["leave_thread",{"thread_id":"${world.truth.thread('t')}"}]`);
  expect(await client.answer(9)).toMatchObject({ ok: false, error: { code: 'rate_limited' } });
  client.close();
  await until('it is gone', () => node.sockets.sockets === 0);
  const next = await RawClient.open(node);
  next.send(credentials('ada'));
  await until('it is turned away', () => next.frames.some((frame) => frame.startsWith('44') && frame.includes('"rate_limited"')));
  const other = await RawClient.open(node);
  other.send(credentials('bob'));
  await until('another is let in', () => other.frames.some((frame) => frame.startsWith('40')));
});

test('a node without bounds counts no frames', async () => {
  await start(null);
  const client = await RawClient.member(node);
  for (let n = 0; n < 10_000; n++) client.send('6');
  client.send(`427["leave_thread",{"thread_id":"${world.truth.thread('t')}"}]`);
  expect(await client.answer(7)).toEqual({ ok: true, data: {} });
});

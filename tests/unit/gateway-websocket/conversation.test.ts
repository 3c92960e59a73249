import { EventEmitter } from 'node:events';
import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ReadEvent } from '../../../src/gateway/socket/frame-decoder.js';
import { Passage } from '../../../src/gateway/socket/passage.js';
import { Conversation, signInMs } from '../../../src/gateway/websocket/conversation.js';
import type { PlainTransport } from '../../../src/gateway/websocket/transport.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';

/** Both sides of a translation: the WebSocket below and the engine above are played here. */
class Below extends EventEmitter {
  readonly passage = new Passage('address');
  readonly closed: unknown[] = [];
  paused = false;
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  close(code: number, reason: string): void {
    this.closed.push([code, reason]);
  }
}

let clock: FakeClock;
let below: Below;
/** What Engine.IO's transport is given to write. */
let written: string[];
let drained: number;
/** What came up. */
let heard: { type: string; data?: unknown }[];
let refusals: number;
let transport: PlainTransport;

type Packets = Parameters<PlainTransport['send']>[0];
const textOf = (frame: Buffer): string => {
  if (frame[0] === 0x89) return 'ping';
  return frame.subarray(frame[1]! < 126 ? 2 : 4).toString();
};
const begin = (token?: string): void => {
  clock = new FakeClock();
  below = new Below();
  [written, drained, heard, refusals] = [[], 0, [], 0];
  transport = {
    socket: below as never,
    onPacket: (packet) => heard.push(packet),
    send: (packets) => {
      for (const { options } of packets) written.push(textOf(options!.wsPreEncodedFrame![0]!));
    },
    doClose: () => undefined,
    emit: () => drained++,
  };
  below.on('message', () => heard.push({ type: 'to the library' }));
  const conn = {
    readyState: 'open',
    writeBuffer: [],
    transport: { name: 'websocket', writable: true, isPlain: true, socket: { _sender: { sendFrame: () => undefined } } },
    write: (_data: string, options: { wsPreEncodedFrame?: readonly Buffer[] }) => written.push(textOf(options.wsPreEncodedFrame![0]!)),
    close: () => transport.doClose(),
  };
  below.passage.conn = conn as never;
  below.passage.memberId = 'me';
  new Conversation({ clock, telemetry: new Telemetry(), refused: () => refusals++ }, transport).begin({ memberId: undefined, token });
};
const says = (frame: string | object): void => {
  below.emit('message', Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)), false);
};
const engine = (...packets: Packets): void => transport.send(packets);
const socketIo = (data: string): void => engine({ type: 'message', data });
const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const signedIn = async (): Promise<void> => {
  begin();
  says({ action: 'authenticate', token: 't' });
  socketIo('0{"sid":"s"}');
  await nextTick();
  heard = [];
};

beforeEach(() => begin());

test('who has not said who it is is sent away after five seconds, and not before', async () => {
  await clock.advance(signInMs - 1);
  expect([written, below.closed]).toEqual([[], []]);
  await clock.advance(1);
  expect(written.map((text) => JSON.parse(text) as unknown)).toEqual([
    { ok: false, error: { code: 'unauthenticated', message: 'Sign in within 5 s' } },
  ]);
  expect(below.closed).toEqual([[1008, 'unauthenticated']]);
  expect(signInMs).toBe(5_000);
});

test.each<[string, () => void]>([
  ['a first frame came in time', () => says({ action: 'authenticate', token: 't' })],
  ['it has gone', () => below.emit('close')],
])('nobody is sent away when %s', async (_what, happens) => {
  await clock.advance(signInMs - 1);
  happens();
  await clock.advance(60_000);
  expect([written, below.closed]).toEqual([[], []]);
});

test('a frame that is no sign-in, a binary one and a second try do not reach Socket.IO', () => {
  says({ action: 'join_thread', ref: 1 });
  says({ action: 'authenticate', ref: 2, token: 't' });
  expect(heard).toEqual([]);
  expect(written).toHaveLength(1);
  expect(below.closed).toEqual([[1008, 'unauthenticated']]);
  begin();
  below.emit('message', Buffer.from('{"action":"authenticate"}'), true);
  expect([heard, below.closed]).toEqual([[], [[1003, 'binary']]]);
});

test('nothing is read while somebody signs in; what came with it follows in order', async () => {
  says({ action: 'authenticate', ref: 'in', token: 't', protocol: 2 });
  expect(below.paused).toBe(true);
  for (const n of [1, 2, 3]) says({ action: 'a', ref: n, n });
  expect(heard).toEqual([{ type: 'message', data: '0{"token":"t","protocol":2}' }]);
  socketIo('0{"sid":"s"}');
  expect(written).toEqual(['{"ref":"in","ok":true,"data":{"member_id":"me"}}']);
  expect(heard).toHaveLength(1);
  await nextTick();
  expect(below.paused).toBe(false);
  expect(heard.slice(1).map(({ data }) => (data as ReadEvent).payload)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(heard.slice(1).every(({ data }) => data instanceof ReadEvent)).toBe(true);
});

test('what comes with a sign-in is bounded', () => {
  says({ action: 'authenticate', token: 't' });
  for (let n = 0; n < 20; n++) says({ action: 'a', x: 'x'.repeat(16_000) });
  expect(below.closed).toEqual([[1008, 'too_much_before_signing_in']]);
  expect(below.paused).toBe(false);
});

test('a token of the address signs in by itself, once Socket.IO knows of the connection', async () => {
  begin('a"b');
  expect([below.paused, heard]).toEqual([true, []]);
  await nextTick();
  expect(heard).toEqual([{ type: 'message', data: '0{"token":"a\\"b"}' }]);
  engine({ type: 'open', data: '{}' }, { type: 'message', data: '0{"sid":"s"}' });
  expect([written, drained]).toEqual([[], 1]);
  await clock.advance(60_000);
  expect(below.closed).toEqual([]);
});

test('what the engine says is said in other words, and what means nothing here is left out', async () => {
  await signedIn();
  const encoded = Buffer.concat([Buffer.from([0x81, 1]), Buffer.from('x')]);
  engine(
    { type: 'ping' },
    { type: 'noop' },
    { type: 'message', data: '2["typing",{"thread_id":"t"}]' },
    { type: 'message', data: '', options: { wsPreEncodedFrame: [encoded] } },
    { type: 'message', data: '1' },
  );
  expect(written).toEqual(['ping', '{"event":"typing","thread_id":"t"}', 'x']);
  below.emit('pong');
  expect(heard).toEqual([{ type: 'pong' }]);
});

test('it is said why the connection closes', async () => {
  const closes = async (packet: string | undefined): Promise<unknown> => {
    await signedIn();
    if (packet !== undefined) socketIo(packet);
    transport.doClose();
    return below.closed[0];
  };
  expect(await closes(undefined)).toEqual([1001, 'going_away']);
  expect(await closes('2["draining",{"retry_after_ms":1}]')).toEqual([1012, 'draining']);
  expect(await closes('2["session_ended",{"reason":"signed_out"}]')).toEqual([1008, 'session_ended']);
  for (const [code, number] of Object.entries({
    unauthenticated: 1008,
    forbidden: 1008,
    overloaded: 1013,
    rate_limited: 1013,
    unavailable: 1013,
  })) {
    begin();
    says({ action: 'authenticate', ref: 7, token: 't' });
    socketIo(`4${JSON.stringify({ message: 'no', data: { code, message: 'no' } })}`);
    transport.doClose();
    expect(written).toEqual([JSON.stringify({ ref: 7, ok: false, error: { code, message: 'no' } })]);
    expect([below.closed, below.paused]).toEqual([[[number, code]], false]);
  }
});

test('what is refused here is counted and answered, and goes no further', async () => {
  await signedIn();
  written = [];
  for (const frame of ['{', '{"ref":1}', '{"action":"authenticate","ref":2}', `{"ref":3,"x":${'['.repeat(99)}`]) says(frame);
  says({ action: 'typing', ref: 4, user_id: 'other' });
  expect(
    written.map((text) => JSON.parse(text) as { ref?: number; error: { code: string } }).map(({ ref, error }) => [ref, error.code]),
  ).toEqual([
    [undefined, 'validation_failed'],
    [1, 'validation_failed'],
    [2, 'validation_failed'],
    [3, 'validation_failed'],
    [4, 'forbidden'],
  ]);
  expect([refusals, heard]).toEqual([4, []]);
});

test('whatever is sent, nothing throws, nothing but a frame goes up, and each refusal is counted and told once', async () => {
  await signedIn();
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.json(),
    fc
      .record({ action: fc.anything(), ref: fc.anything(), x: fc.jsonValue() }, { requiredKeys: [] })
      .map((frame) => String(JSON.stringify(frame))),
    fc
      .record({ action: fc.constant('a'), ref: fc.oneof(fc.string(), fc.double()), x: fc.jsonValue() })
      .map((frame) => JSON.stringify(frame)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      [written, heard, refusals] = [[], [], 0];
      says(text);
      expect(heard.length + refusals).toBe(1);
      expect(written).toHaveLength(refusals);
      for (const { data } of heard) expect(data).toBeInstanceOf(ReadEvent);
    }),
  );
  expect(below.closed).toEqual([]);
});

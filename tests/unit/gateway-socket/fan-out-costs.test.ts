import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import { Hub } from '../../../src/gateway/socket/hub.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { threadRoom } from '../../../src/protocol/rooms.js';
import { LoopBus } from './loop-channels.js';

/** What an event costs on its way to many, in counts that are the same on every machine. */
const thread = idFromName('thread', 't');
const room = threadRoom(thread);
const receivers = 1_000;
const hubs: Hub[] = [];
let written: Buffer[];
let clock: FakeClock;

const socketOf = (id: string, packs: boolean) => ({
  id,
  data: { packs },
  conn: {
    ...{ readyState: 'open', upgrading: false, writeBuffer: [], write: () => undefined },
    transport: {
      ...{ name: 'websocket', writable: true, perMessageDeflate: undefined },
      socket: {
        ...{ readyState: 1, bufferedAmount: 0, _sender: { sendFrame: () => undefined } },
        _socket: { writableLength: 0, write: (bytes: Buffer) => written.push(bytes) > 0 },
      },
    },
  },
});

/** Two nodes, half of the receivers on each; of these half take packed events. */
beforeEach(async () => {
  const bus = new LoopBus();
  written = [];
  clock = new FakeClock();
  for (let n = 0; n < 2; n++) {
    const common = { clock, logger: createLogger({ level: 'silent', node: 'test' }), telemetry: new Telemetry() };
    const hub = new Hub({ channels: bus.join(), prefix: 'p', ...common, shedder: noShedding });
    await hub.start();
    const { sockets, adapter } = hub.io.of('/');
    for (let i = 0; i < receivers / 2; i++) {
      const id = `socket-${n}-${i}`;
      sockets.set(id, socketOf(id, i % 2 === 1) as never);
      void adapter.addAll(id, new Set([room]));
    }
    hubs.push(hub);
  }
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const hub of hubs.splice(0)) {
    hub.io.of('/').sockets.clear();
    await hub.stop();
  }
});

/** `apart`: ms between the first and the others. */
const publish = async (events: number, apart = 0) => {
  const encode = jest.spyOn(JSON, 'stringify');
  const allocate = jest.spyOn(Buffer, 'allocUnsafe');
  for (let rev = 1; rev <= events; rev++) {
    hubs[0]!.fanout.publish(room, 'new_message', { message: { thread_id: thread, rev } } as never);
    if (rev > 1 || apart === 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(apart);
  }
  while (written.length < receivers) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1);
  }
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  const encodings = encode.mock.calls.filter(([value]) => Array.isArray(value) && value[0] === 'new_message').length;
  return { encodings, buffers: allocate.mock.calls.length, writes: written.length, distinct: new Set(written).size };
};

test('an event is encoded once for all receivers on all nodes, framed once a node, and written once to each', async () => {
  expect(await publish(1)).toEqual({ encodings: 1, buffers: 2, writes: receivers, distinct: 2 });
});

test('ten of a turn are encoded once each, framed once a node for either kind of client, and cost one write a receiver', async () => {
  expect(await publish(10)).toEqual({ encodings: 10, buffers: 4, writes: receivers, distinct: 4 });
});

test('what comes to a large room some ms behind the first of a burst costs no writes of its own', async () => {
  expect(await publish(10, 4)).toEqual({ encodings: 10, buffers: 4, writes: receivers, distinct: 4 });
});

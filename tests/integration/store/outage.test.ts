import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endpointOf, throughPort } from '../../../scripts/services/endpoint.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { type ConnectedStore, connectStore } from '../../../src/store/mongo/client.js';
import { dropDatabase, mongoUrl, randomDatabase, silent } from '../../conformance/store/backends.js';
import { aMember, aMessage, anId } from '../../conformance/store/records.js';
import { patienceMs } from '../../until.js';

const timeouts = { select: 500, answer: 700, read: 500 };
const open = (url: string, database: string) =>
  connectStore({ url, database, clock: systemClock, telemetry: new Telemetry(), logger: silent, timeouts });

test('no server: starting fails in time', async () => {
  await expect(open('mongodb://127.0.0.1:1/?directConnection=true', 'none')).rejects.toMatchObject({ code: 'unavailable' });
});

/** A line to the server that can fall silent (answers are held back), or be cut. */
describe('a server that fails', () => {
  const sockets = new Set<Socket>();
  let isSilent = false;
  let isCut = false;
  const proxy = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const upstream = dial(endpointOf(mongoUrl));
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => sockets.delete(end));
    }
    socket.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!isSilent) socket.write(bytes);
    });
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  const database = randomDatabase();
  let connected: ConnectedStore;

  beforeAll(async () => {
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    connected = await open(throughPort(mongoUrl, (proxy.address() as AddressInfo).port), database);
  });
  afterAll(async () => {
    await connected.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
    await dropDatabase(mongoUrl, database);
  });

  test('no answer: appends and changes are unknown, writes time out, reads are unavailable; all in time', async () => {
    const { store } = connected;
    const before = aMessage();
    expect(await store.messages.append([before])).toEqual(['stored']);
    // Connections enough for all that follows: what needs a new one learns that nothing was sent.
    await Promise.all(Array.from({ length: 12 }, () => store.messages.byId(before.id)));
    isSilent = true;
    const lost = aMessage();
    const results = await Promise.allSettled([
      store.messages.append([lost]),
      store.messages.change({ ...before, rev: 2 }, 1),
      store.members.insert(aMember()),
      store.reads.raise([{ thread_id: anId(), member_id: anId(), seq: 1, at: 1 }]),
      store.messages.byId(before.id),
      store.ping(),
    ]);
    isSilent = false;
    expect(results[0]).toEqual({ status: 'fulfilled', value: ['unknown'] });
    expect(results[1]).toEqual({ status: 'fulfilled', value: 'unknown' });
    expect(results[2]).toMatchObject({ reason: { code: 'timeout' } });
    expect(results[3]).toMatchObject({ reason: { code: 'timeout' } });
    expect(results[4]).toMatchObject({ reason: { code: 'unavailable' } });
    expect(results[5]).toMatchObject({ reason: { code: 'unavailable' } });
    // What was unknown was stored after all: the same record again says so.
    await eventually(async () => expect(await store.messages.append([lost])).toEqual(['taken']));
    expect(await store.messages.byId(lost.id)).toEqual(lost);
  });

  test('no connection: nothing was written, and that is said; afterwards it goes on', async () => {
    const { store } = connected;
    isCut = true;
    for (const socket of sockets) socket.destroy();
    const member = aMember();
    await eventually(async () => await expect(store.members.insert(member)).rejects.toMatchObject({ code: 'unavailable' }));
    expect(await store.messages.append([aMessage()])).toEqual(['unknown']);
    isCut = false;
    await eventually(() => store.members.insert(member));
    expect(await store.members.byId(member.id)).toEqual(member);
  });
});

const eventually = async (check: () => Promise<unknown>): Promise<void> => {
  for (const end = performance.now() + patienceMs; ; ) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await systemClock.sleep(200);
    }
  }
};

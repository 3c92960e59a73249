import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dialSocketIo, type Wire } from '../../../src/client/wire.js';
import type { Outlet } from '../../../src/gateway/socket/outlet.js';
import { roomAdapter } from '../../../src/gateway/socket/room-adapter.js';
import { type Tcp, waitingBelow } from '../../../src/gateway/socket/tcp-handle.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { memberRoom, threadRoom } from '../../../src/protocol/rooms.js';
import { until } from '../../until.js';
import { RawClient } from './raw-client.js';
import { Client, World, type WorldNode } from './world.js';

/** Events on their last way, from the hub to real clients of every kind. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const numbers = (n: number): string[] => Array.from({ length: n }, (_x, i) => String(i));
/** Nothing is withheld from anybody. */
const boundless = { packets: 1e9, bytes: 1e12 };
const marks = { slow: boundless, behind: boundless, lost: boundless, drained: { packets: 0, bytes: 0 }, stillMs: 60_000 };

const plain = { transports: ['websocket'] };
const polling = { transports: ['polling'] };
const upgrading = { transports: ['polling', 'websocket'] };

let world: World;
let node: WorldNode;
let thread: string;

const start = async (directWrites: boolean): Promise<void> => {
  world = new World();
  node = await world.addNode({ directWrites, marks });
  thread = world.truth.thread('t');
};
afterEach(() => world.stop());

const commit = (content: string): void => void world.truth.commit(thread, idFromName('member', 'author'), content);

const dialled = async (name: string, options: object, auth: object = {}): Promise<Client> => {
  const member = idFromName('member', name);
  world.truth.members.add(member);
  const socket = world.dial(node, { token: `${member}:${name}`, ...auth }, options);
  const client = new Client(socket, member, name);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return client;
};
const joined = async (name: string, options: object, auth: object = {}): Promise<Client> => {
  const client = await dialled(name, options, auth);
  await client.get('join_thread', { thread_id: thread });
  return client;
};

type ServerSocket = Outlet & { emit(event: string, payload: unknown): void; disconnect(close: boolean): void };
const serverSocket = (id: string | undefined): ServerSocket => node.hub.io.of('/').sockets.get(id ?? '') as unknown as ServerSocket;
const only = (): ServerSocket => [...node.hub.io.of('/').sockets.values()][0] as unknown as ServerSocket;

/** Lets nobody change from polling to a WebSocket until it is called. */
const holdUpgrades = (): (() => void) => {
  const listeners = node.http.listeners('upgrade') as ((...args: unknown[]) => void)[];
  const held: (() => void)[] = [];
  node.http.removeAllListeners('upgrade');
  node.http.on('upgrade', (...args) => held.push(() => listeners.forEach((listener) => void listener.apply(node.http, args))));
  return () => {
    node.http.removeAllListeners('upgrade');
    for (const listener of listeners) node.http.on('upgrade', listener);
    for (const go of held) go();
  };
};

/** What a client was told, with batches taken apart. */
const told = (client: Client): [string, Record<string, unknown>][] =>
  client.heard.flatMap(({ event, payload }) =>
    event === 'batch'
      ? (payload as unknown as [string, Record<string, unknown>][])
      : [[event, payload] as [string, Record<string, unknown>]],
  );
const contents = (events: [string, Record<string, unknown>][]): string[] =>
  events.filter(([event]) => event === 'new_message').map(([, payload]) => (payload.message as { content: string }).content);
const batches = (client: Client): number => client.events('batch').length;

describe('what is reached into', () => {
  beforeEach(() => start(true));

  test('of a WebSocket connection is there', async () => {
    const { conn } = serverSocket((await dialled('ada', plain)).socket.id);
    expect({
      readyState: conn.readyState,
      upgrading: conn.upgrading,
      writeBuffer: conn.writeBuffer,
      name: conn.transport?.name,
      writable: conn.transport?.writable,
      perMessageDeflate: Boolean(conn.transport?.perMessageDeflate),
      open: conn.transport?.socket?.readyState,
      sendFrame: typeof conn.transport?.socket?._sender?.sendFrame,
      writableLength: conn.transport?.socket?._socket?.writableLength,
      write: typeof conn.transport?.socket?._socket?.write,
      handle: typeof conn.transport?.socket?._socket?._handle?.writeBuffer,
    }).toEqual({
      ...{ readyState: 'open', upgrading: false, writeBuffer: [], name: 'websocket', writable: true, perMessageDeflate: false, open: 1 },
      ...{ sendFrame: 'function', writableLength: 0, write: 'function', handle: 'function' },
    });
  });

  test('of a polling connection is there, and tells that it is being upgraded', async () => {
    const { conn } = serverSocket((await dialled('ada', polling)).socket.id);
    expect([conn.readyState, conn.transport?.name, conn.upgrading]).toEqual(['open', 'polling', false]);
    const client = await dialled('bob', upgrading);
    const other = serverSocket(client.socket.id).conn;
    await until('it is upgrading', () => other.upgrading === true || other.transport?.name === 'websocket');
    await until('it is upgraded', () => other.transport?.name === 'websocket' && other.upgrading === false);
  });

  test('of the namespace and its adapter is there', async () => {
    const nsp = node.hub.io.of('/');
    expect(typeof (nsp as unknown as Record<string, unknown>)._onServerSideEmit).toBe('function');
    expect(typeof (serverSocket((await dialled('bob', plain)).socket.id) as unknown as Record<string, unknown>).ack).toBe('function');
    expect(Object.getPrototypeOf(roomAdapter({} as never)).name).toBe('Adapter');
    const { adapter } = nsp;
    const heard: string[] = [];
    adapter.on('create-room', (room: string) => heard.push(`made ${room}`));
    adapter.on('delete-room', (room: string) => heard.push(`emptied ${room}`));
    const client = await joined('ada', plain);
    expect(adapter.rooms.get(threadRoom(thread))).toEqual(new Set([client.socket.id]));
    expect(client.socket.id).toHaveLength(20);
    await client.get('leave_thread', { thread_id: thread });
    expect(heard.filter((line) => line.endsWith(threadRoom(thread)))).toEqual([
      `made ${threadRoom(thread)}`,
      `emptied ${threadRoom(thread)}`,
    ]);
  });
});

/** Ways that something takes to a socket, as it is written. */
const watched = (client: Client): string[] => {
  const { conn } = serverSocket(client.socket.id);
  const tcp = conn.transport!.socket!._socket! as unknown as { write: (...args: unknown[]) => boolean };
  const calls: string[] = [];
  const handle = (tcp as unknown as Tcp)._handle!;
  const below = handle.writeBuffer!.bind(handle);
  handle.writeBuffer = (...args) => {
    // Node's stream calls it too.
    if (calls.at(-1) !== 'tcp') calls.push('handle');
    return below(...args);
  };
  const [write, queue] = [tcp.write.bind(tcp), (conn as unknown as { write: (...args: unknown[]) => unknown }).write.bind(conn)];
  tcp.write = (...args) => {
    calls.push('tcp');
    return write(...args);
  };
  (conn as unknown as { write: (...args: unknown[]) => unknown }).write = (...args) => {
    calls.push('engine');
    return queue(...args);
  };
  return calls;
};

test.each([true, false])('direct writes, %s, go past Engine.IO or not, one a turn', async (direct) => {
  await start(direct);
  const client = await joined('ada', plain);
  const calls = watched(client);
  for (const n of numbers(100)) commit(n);
  await until('all have come', () => contents(told(client)).length === 100);
  expect(calls).toEqual(direct ? ['handle'] : ['engine', 'tcp']);
});

test.each([true, false])('answers, with direct writes %s, go the way of events', async (direct) => {
  await start(direct);
  for (const options of [plain, polling]) {
    const client = await joined(`ada ${options.transports[0]}`, options);
    const calls = options === plain ? watched(client) : [];
    expect(await client.get('sync_thread', { thread_id: thread, after_rev: 0 })).toMatchObject({ head_rev: 0, complete: true });
    // The WebSocket's library writes a frame's header and its text by themselves.
    if (options === plain) expect(calls).toEqual(direct ? ['handle'] : ['engine', 'tcp', 'tcp']);
    await expect(client.get('sync_thread', { thread_id: thread, after_rev: -1 })).rejects.toThrow();
  }
});

describe.each([true, false])('with direct writes %s', (direct) => {
  beforeEach(() => start(direct));

  test('clients of every kind hear many events of one turn, in order', async () => {
    const clients = {
      plain: await joined('a', plain),
      packing: await joined('b', plain, { pack: 1 }),
      wrong: await joined('c', plain, { pack: '1' }),
      polling: await joined('d', polling),
      both: await joined('e', polling, { pack: 1 }),
      upgrading: await joined('f', upgrading, { pack: 1 }),
    };
    for (const n of numbers(200)) commit(n);
    await until('all have all', () => Object.values(clients).every((c) => contents(told(c)).length === 200));
    for (const client of Object.values(clients)) expect(contents(told(client))).toEqual(numbers(200));
    expect([batches(clients.plain), batches(clients.packing), batches(clients.wrong), batches(clients.polling)]).toEqual([0, 1, 0, 0]);
    commit('alone');
    await until('it comes', () => contents(told(clients.packing)).length === 201);
    expect(clients.packing.contents()).toEqual(['alone']);
  });

  test('a client that is upgraded meanwhile hears everything once, in order', async () => {
    for (const [i, auth] of [{}, { pack: 1 }].entries()) {
      const upgrade = holdUpgrades();
      const client = await joined(`u${i}`, upgrading, auth);
      const { conn } = serverSocket(client.socket.id);
      const seen = new Set<string>();
      const from = world.truth.threads.get(thread)!.length;
      let after = 0;
      for (let n = 0; after < 50; n++) {
        seen.add(`${conn.transport?.name}${conn.upgrading ? ' upgrading' : ''}`);
        for (let k = 0; k < 1 + (n % 3); k++) commit('x');
        await (n % 2 === 0 ? turn() : new Promise((resolve) => setTimeout(resolve, 1)));
        if (n === 10) upgrade();
        if (conn.transport?.name === 'websocket') after++;
      }
      const all = world.truth.threads.get(thread)!.length;
      const revs = (): number[] => told(client).map(([, payload]) => (payload.message as { rev: number }).rev);
      await until('it has all', () => revs().length === all - from);
      expect(revs()).toEqual(Array.from({ length: all - from }, (_x, k) => from + k + 1));
      expect([...seen]).toEqual(['polling', 'polling upgrading', 'websocket']);
    }
  });

  test('answers and what is said to one socket keep their place between events to rooms', async () => {
    const clients = [await joined('a', plain), await joined('b', plain, { pack: 1 }), await joined('c', polling)];
    const answers: Promise<unknown>[] = [];
    const rounds = 60;
    for (let n = 0; n < rounds; n++) {
      for (let k = 0; k < 1 + (n % 3); k++) commit(`${n} ${'.'.repeat((n % 5) * 20_000)}`);
      node.hub.fanout.publish(threadRoom(thread), 'typing', { thread_id: thread, member_id: thread });
      await turn();
      for (const { socket } of clients) serverSocket(socket.id).emit('mark', { n });
      for (const client of clients) answers.push(client.get('sync_thread', { thread_id: thread, after_rev: 1_000 }));
    }
    expect(await Promise.all(answers)).toHaveLength(rounds * clients.length);
    const expected = numbers(rounds).flatMap((n) => [...Array<string>(1 + (Number(n) % 3)).fill(n), 'typing', `mark ${n}`]);
    const lines = (client: Client): string[] =>
      told(client).map(([event, payload]) => {
        if (event === 'new_message') return (payload.message as { content: string }).content.split(' ')[0]!;
        return event === 'mark' ? `mark ${String(payload.n)}` : event;
      });
    for (const client of clients) {
      await until('it has all', () => told(client).length === expected.length);
      expect(lines(client)).toEqual(expected);
    }
  });

  test('what Engine.IO has not written yet is not overtaken, though the TCP socket is free', async () => {
    const client = await joined('a', plain);
    const socket = serverSocket(client.socket.id);
    commit('last');
    for (const n of [1, 2, 3]) socket.emit('mark', { n });
    expect([socket.conn.writeBuffer.length, socket.conn.transport?.socket?._socket?.writableLength]).toEqual([2, 0]);
    (node.hub.io.of('/').adapter as unknown as { flush(): void }).flush();
    node.hub.settle();
    await until('it has all', () => client.heard.length === 4);
    expect(client.heard.map((h) => h.event)).toEqual(['mark', 'mark', 'mark', 'new_message']);
  });

  test('a client that does not read for a while finds everything in order', async () => {
    const client = await RawClient.member(node);
    world.truth.members.add(idFromName('member', 'mallory'));
    client.send(`421["join_thread",{"thread_id":"${thread}"}]`);
    await client.answer(1);
    client.stopReading();
    const socket = only();
    const waits = { below: 0, engine: 0 };
    let n = 0;
    const say = async (): Promise<void> => {
      commit(`${n} ${'.'.repeat(30_000)}`);
      await turn();
      socket.emit('mark', { n });
      n++;
      if (waitingBelow(socket.conn.transport!.socket!._socket!) > 0) waits.below++;
      if (socket.conn.writeBuffer.length > 0) waits.engine++;
    };
    while (waits.engine < 20 && n < 2_000) await say();
    client.readAgain();
    for (let k = 0; k < 200; k++) await say();
    await until('it waits for nothing', () => socket.conn.writeBuffer.length === 0);
    for (let k = 0; k < 20; k++) await say();
    await until('it has all', () => client.events().length === 2 * n);
    const lines = client.events().map(({ event, payload }) => {
      if (event === 'mark') return `mark ${String(payload.n)}`;
      return (payload.message as { content: string }).content.split(' ')[0];
    });
    expect(lines).toEqual(numbers(n).flatMap((k) => [k, `mark ${k}`]));
    expect(waits.engine).toBeGreaterThan(0);
    expect(waits.below > 0).toBe(direct);
    expect(waitingBelow(socket.conn.transport!.socket!._socket!)).toBe(0);
    client.close();
  });

  test('what several clients do not read waits above the first write of each', async () => {
    const clients = [await RawClient.member(node), await RawClient.member(node), await RawClient.member(node)];
    world.truth.members.add(idFromName('member', 'mallory'));
    for (const client of clients) {
      client.send(`421["join_thread",{"thread_id":"${thread}"}]`);
      await client.answer(1);
      client.stopReading();
    }
    const conns = [...node.hub.io.of('/').sockets.values()].map((socket) => (socket as unknown as ServerSocket).conn);
    const below = (): number[] => conns.map(({ transport }) => waitingBelow(transport!.socket!._socket!));
    let n = 0;
    for (; n < 2_000 && conns.some(({ writeBuffer }) => writeBuffer.length < 5); n++) {
      commit(`${n} ${'.'.repeat(30_000)}`);
      await turn();
    }
    expect(n).toBeLessThan(2_000);
    expect(below().filter((bytes) => bytes > 0)).toHaveLength(direct ? 3 : 0);
    expect(Math.max(...below())).toBeLessThan(direct ? 32_000 : 1);
    for (const client of clients) client.readAgain();
    await until('all have all', () => clients.every((client) => client.events().length === n));
    for (const client of clients) {
      const contents = client.events().map(({ payload }) => (payload.message as { content: string }).content.split(' ')[0]);
      expect(contents).toEqual(numbers(n));
    }
    expect(below()).toEqual([0, 0, 0]);
    for (const client of clients) client.close();
  });

  test('a connection that is reset under a write is closed, and costs the others nothing', async () => {
    const stays = await joined('stays', plain);
    const goes = await RawClient.member(node);
    world.truth.members.add(idFromName('member', 'mallory'));
    goes.send(`421["join_thread",{"thread_id":"${thread}"}]`);
    await goes.answer(1);
    const tcps = [...node.hub.io.of('/').sockets.values()].map(
      (socket) => (socket as unknown as ServerSocket).conn.transport!.socket!._socket! as unknown as Socket,
    );
    goes.reset();
    // Twice within this turn: nobody has heard of the reset yet.
    for (const n of numbers(2)) {
      commit(n);
      (node.hub.io.of('/').adapter as unknown as { flush(): void }).flush();
      node.hub.settle();
    }
    if (direct) expect(tcps.map(({ destroyed }) => destroyed)).toEqual([false, true]);
    await until('who stays has all', () => stays.contents().length === 2);
    await until('the other is gone', () => node.sockets.sockets === 1);
  });

  test('connections that end meanwhile, in any way, cost the others nothing', async () => {
    const stays = await joined('stays', plain);
    const goes = await Promise.all(['a', 'b', 'c', 'd'].map((name) => joined(name, plain)));
    const ways = [
      (socket: ServerSocket) => socket.disconnect(true),
      (socket: ServerSocket) => (socket.conn as unknown as { close(): void }).close(),
      (socket: ServerSocket) => (socket.conn.transport!.socket!._socket as unknown as { destroy(): void }).destroy(),
      (socket: ServerSocket) => (socket.conn.transport!.socket as unknown as { close(): void }).close(),
    ];
    const sockets = goes.map((client) => serverSocket(client.socket.id));
    commit('0');
    await turn();
    for (const [i, end] of ways.entries()) end(sockets[i]!);
    commit('1');
    await turn();
    commit('2');
    await until('who stays has all', () => stays.contents().length === 3);
    await until('the others are gone', () => node.sockets.sockets === 1);
    for (const client of goes) expect(client.contents()).toEqual(['0', '1', '2'].slice(0, client.contents().length));
  });

  test('a member who is taken out hears what was published before, and nothing after it', async () => {
    const clients = [await joined('a', plain), await joined('b', plain, { pack: 1 }), await joined('c', polling)];
    for (const n of numbers(20)) commit(n);
    for (const { member } of clients) node.hub.fanout.evict(member, world.truth.communityId);
    commit('unheard');
    for (const { member } of clients) node.hub.fanout.publish(memberRoom(member), 'notification', { notification: { id: 'n' } } as never);
    await until('the last is heard', () => clients.every((c) => told(c).some(([event]) => event === 'notification')));
    for (const client of clients) expect(contents(told(client))).toEqual(numbers(20));
  });

  test('the typed client takes batches apart, and stops where it is closed', async () => {
    const member = idFromName('member', 'typed');
    world.truth.members.add(member);
    const heard: string[] = [];
    const wires: Wire[] = [];
    const dial = (until: string): Promise<Wire> =>
      new Promise((resolve, reject) => {
        const wire = dialSocketIo(node.url, async () => `${member}:${until}`, {
          opened: () => resolve(wire),
          refused: reject,
          closed: () => undefined,
          event: (_name, payload) => {
            const { content } = (payload as { message: { content: string } }).message;
            heard.push(content);
            if (content === until) wire.close();
          },
        });
        wires.push(wire);
      });
    const wire = await dial('30');
    await new Promise((resolve) => wire.send('join_thread', { thread_id: thread }, resolve));
    expect(only().data?.packs).toBe(true);
    for (const n of numbers(50)) commit(n);
    await until('it is gone', () => node.sockets.sockets === 0);
    expect(heard).toEqual(numbers(31));
  });
});

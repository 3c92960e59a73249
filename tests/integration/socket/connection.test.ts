import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Socket as ClientSocket } from 'socket.io-client';
import { connectionBounds } from '../../../src/gateway/socket/admission.js';
import { until } from '../../until.js';
import { RawClient } from './raw-client.js';
import { World, type WorldNode } from './world.js';

let world: World;
let one: WorldNode;
let two: WorldNode;

const start = async (options: Parameters<World['addNode']>[0] = {}): Promise<void> => {
  world = new World();
  one = await world.addNode(options);
  two = await world.addNode(options);
};
beforeEach(() => start());
afterEach(() => world.stop());

const refusal = (socket: ClientSocket): Promise<{ message: string; data?: unknown }> =>
  new Promise((resolve, reject) => {
    socket.once('connect_error', (error) => resolve(error as { message: string; data?: unknown }));
    socket.once('connect', () => reject(new Error('it was let in')));
  });

test('who has no valid token is refused with the code', async () => {
  for (const auth of [{}, { token: 'bad:token' }, { token: 7 }, { token: { $ne: null } }, { token: '' }, { token: 'x'.repeat(10_000) }]) {
    expect((await refusal(world.dial(one, auth))).data).toMatchObject({ code: 'unauthenticated' });
  }
  expect(one.sockets.sockets).toBe(0);
});

test.each(['websocket', 'polling'])('who was refused comes in with another token by the same client, over %s', async (transport) => {
  const socket = world.dial(one, { token: 'bad:token' }, { transports: [transport] });
  expect((await refusal(socket)).data).toMatchObject({ code: 'unauthenticated' });
  socket.auth = { token: 'a:b' };
  socket.connect();
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  expect(one.sockets.sockets).toBe(1);
});

test('there is one namespace', async () => {
  const socket = world.dial({ ...one, url: `${one.url}/admin` }, { token: 'a:b' });
  expect((await refusal(socket)).message).toBe('Invalid namespace');
});

test('polling works too', async () => {
  const socket = world.dial(one, { token: 'a:b' }, { transports: ['polling'] });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  expect(await socket.timeout(5_000).emitWithAck('leave_thread', { thread_id: world.truth.thread('x') })).toEqual({ ok: true, data: {} });
});

test('an ended session closes its sockets on every node, and only those', async () => {
  const near = await world.client(one, 'ada', 's1');
  const far = await world.client(two, 'ada', 's1');
  const other = await world.client(two, 'ada', 's2');
  one.hub.sessions.ended(['s1'], 'signed_out');
  await until('both are closed', () => near.socket.disconnected && far.socket.disconnected);
  for (const client of [near, far]) expect(client.events('session_ended')).toEqual([{ reason: 'signed_out' }]);
  expect(other.socket.connected).toBe(true);
  expect(two.sockets.sockets).toBe(1);
});

test('a session that ends while a client is on its way in does not stay', async () => {
  one.hub.sessions.ended(['late'], 'signed_out');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const socket = world.dial(two, { token: 'a:late' });
  const reason = await new Promise((resolve) => socket.once('session_ended', resolve));
  expect(reason).toEqual({ reason: 'signed_out' });
  await until('it is out again', () => socket.disconnected && two.sockets.sockets === 0);
});

test('a connection ends with its token, and comes in again with a new one', async () => {
  await world.stop();
  const ends: Record<string, number> = { short: Date.now() + 300, long: Date.now() + 60_000 };
  await start({
    authenticator: {
      authenticate: async (token, from) => ({
        ...from,
        ...{ member_id: 'ada', session_id: token, is_admin: false, token_expires_at: ends[token]! },
      }),
    },
  });
  const tokens = ['short', 'long'];
  const socket = world.dial(one, ((give: (auth: object) => void) => give({ token: tokens.shift() })) as never, {
    reconnection: true,
    reconnectionDelay: 10,
  });
  const stays = world.dial(one, { token: 'long' });
  const reason = await new Promise((resolve) => socket.once('disconnect', resolve));
  expect([reason, Date.now() >= ends.short!]).toEqual(['transport close', true]);
  await until('it is in again', () => socket.connected);
  expect([tokens, stays.connected]).toEqual([[], true]);
});

test('devices are told to the member’s actor', async () => {
  const client = await world.client(two, 'ada');
  client.socket.disconnect();
  const told = (type: string) => world.truth.told.filter((t) => t.message.type === type);
  await until('it is gone', () => told('device_gone').length === 1);
  expect(told('device_seen')[0]).toEqual({
    to: { kind: 'user', key: client.member },
    message: { type: 'device_seen', device: expect.any(String), node: 'node-1' },
  });
});

test('presence, receipts and typing reach the actors', async () => {
  const client = await world.client(one, 'ada');
  const thread_id = world.truth.thread('x');
  expect(await client.get('set_presence', { state: 'dnd', text: 'busy' })).toEqual({
    presence: { state: 'dnd', text: 'busy', last_active_at: null },
  });
  expect(await client.get('mark_read', { thread_id, seq: 3 })).toEqual({ read_seq: 3 });
  expect(await client.get('typing', { thread_id })).toEqual({});
  expect(await client.get('send_message', { thread_id, content: 'hello', nonce: 'n1' })).toMatchObject({
    message: { content: 'hello', seq: 1 },
  });
});

const handshake = (node: WorldNode, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(`${node.url}/socket.io/?EIO=4&transport=polling`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });

test('pages of foreign origins may not connect, over either transport', async () => {
  await world.stop();
  await start({ origins: ['https://chat.example.org'] });
  for (const origin of [
    'https://evil.example',
    'null',
    'https://chat.example.org.evil.example',
    'http://chat.example.org',
    'https://chat.example.org:8443',
    'file://',
  ]) {
    expect(await handshake(one, { origin })).toBe(403);
    const socket = world.dial(one, { token: 'a:b' }, { extraHeaders: { origin } });
    await refusal(socket);
  }
  expect(await handshake(one, { origin: 'https://chat.example.org' })).toBe(200);
  expect(await handshake(one, { origin: one.url })).toBe(200);
  expect(await handshake(one, {})).toBe(200);
});

test('connections of one member and of one address are bounded', async () => {
  await world.stop();
  await start({ connections: { ...connectionBounds, perMember: 2, perAddress: 3 } });
  await world.client(one, 'ada');
  const second = await world.client(one, 'ada');
  expect((await refusal(world.dial(one, { token: `${second.member}:x` }))).data).toMatchObject({ code: 'overloaded' });
  await until('its engine is gone', () => one.hub.io.engine.clientsCount === 2);
  await world.client(one, 'bob');
  expect(await handshake(one, {})).toBe(403);
  second.socket.disconnect();
  await until('there is room again', async () => (await handshake(one, {})) === 200);
});

test('an engine that never joins is closed', async () => {
  const raw = await RawClient.open(one);
  expect(one.hub.io.engine.clientsCount).toBe(1);
  await until('it is closed', () => raw.closed);
  expect(one.hub.io.engine.clientsCount).toBe(0);
});

test('engines that have not joined are bounded before anything is made for them', async () => {
  await world.stop();
  await start({ entering: 50 });
  const inside = await world.client(one, 'ada');
  const waiting = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(one)));
  expect(await handshake(one, {})).toBe(403);
  expect(inside.socket.connected).toBe(true);
  waiting[0]?.close();
  await until('there is room again', async () => (await handshake(one, {})) === 200);
  for (const raw of waiting) raw.close();
});

test('a node that drains tells its clients, lets nobody in, and closes so that they come back', async () => {
  const clients = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.client(one, name)));
  const reasons: string[] = [];
  for (const client of clients) client.socket.on('disconnect', (reason) => reasons.push(reason));
  const other = await world.client(two, 'e');
  const drained = one.sockets.drain(1_000, 200);
  const { data } = (await refusal(world.dial(one, { token: 'a:b' }))) as { data: { code: string; retry_after_ms: number } };
  expect([data.code, data.retry_after_ms >= 1_000 && data.retry_after_ms <= 2_000]).toEqual(['unavailable', true]);
  await drained;
  await until('all are closed', () => clients.every((client) => client.socket.disconnected));
  const times = clients.map((client) => client.events('draining')[0]?.retry_after_ms as number);
  for (const ms of times) expect(ms >= 1_000 && ms <= 2_000).toBe(true);
  expect(new Set(times).size).toBeGreaterThan(1);
  expect(reasons).not.toContain('io server disconnect');
  expect(other.events('draining')).toEqual([]);
  expect(other.socket.connected).toBe(true);
});

test('a node that stands apart sends its clients away, each in its own time, and takes clients in again later', async () => {
  const clients = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.client(one, name)));
  await one.sockets.moveAway(200, 50);
  await until('all are closed', () => clients.every((client) => client.socket.disconnected));
  const times = clients.map((client) => client.events('draining')[0]?.retry_after_ms as number);
  for (const ms of times) expect(ms >= 200 && ms <= 1_200).toBe(true);
  expect(new Set(times).size).toBeGreaterThan(1);
  expect((await refusal(world.dial(one, { token: 'a:b' }))).data).toMatchObject({ code: 'unavailable' });
  one.sockets.takeBack();
  await world.client(one, 'a');
});

test('what is not for sockets reaches the other listener', async () => {
  const response = await fetch(`${one.url}/healthz`);
  expect(await response.text()).toBe('rest');
});

import { afterEach, expect, test } from '@jest/globals';
import { idFromName } from '../../../src/kernel/ids.js';
import { Client, World } from './world.js';

let world: World;
afterEach(() => world.stop());

test.each([
  ['websocket', true],
  ['polling', false],
])('over %s, what only the handshake needs is let go: %s, and the connection goes on', async (transport, isLetGo) => {
  world = new World();
  const node = await world.addNode({});
  const thread_id = world.truth.thread('t');
  const member = idFromName('member', 'ada');
  world.truth.members.add(member);
  const socket = world.dial(node, { token: `${member}:ada` }, { transports: [transport] });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const client = new Client(socket, member, 'ada');
  await client.get('join_thread', { thread_id });
  const { conn, handshake } = node.hub.io.of('/').sockets.get(socket.id!)!;
  expect(conn.request === null).toBe(isLetGo);
  expect('token' in handshake.auth).toBe(!isLetGo);
  expect(Object.keys(handshake.headers).length === 0).toBe(isLetGo);
});

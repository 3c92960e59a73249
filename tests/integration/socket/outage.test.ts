import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../../until.js';
import { RedisProxy } from './redis-proxy.js';
import { World, type WorldNode } from './world.js';

/** Node one publishes, node two reaches Redis over a proxy that can be cut. */
let world: World;
let two: WorldNode;
let proxy: RedisProxy;

beforeEach(async () => {
  world = new World();
  proxy = await RedisProxy.before(World.redisUrl());
  await world.addNode();
  two = await world.addNode({ redisUrl: proxy.url });
});
afterEach(async () => {
  await world.stop();
  await proxy.stop();
});

test('subscribers of a node that was cut off are told to catch up when it hears again', async () => {
  const thread = world.truth.thread('cut');
  const far = await world.client(two, 'bob');
  await far.get('join_thread', { thread_id: thread });
  proxy.cut();
  await until('it is cut off', () => !two.hub.connected);
  for (let n = 0; n < 3; n++) world.truth.commit(thread, far.member, String(n));
  proxy.mend();
  await until('it is told', () => far.events('resync').length === 1);
  expect(far.events('resync')).toEqual([{ thread_id: thread, head_rev: 3 }]);
  expect(await far.get('sync_thread', { thread_id: thread, after_rev: 0 })).toMatchObject({ head_rev: 3, complete: true });
  world.truth.commit(thread, far.member, 'live again');
  await until('it hears again', () => far.contents().includes('live again'));
});

test('a connection that is open but dead is noticed and made anew', async () => {
  const thread = world.truth.thread('stalled');
  const far = await world.client(two, 'bob');
  await far.get('join_thread', { thread_id: thread });
  proxy.stalled = true;
  world.truth.commit(thread, far.member, 'lost');
  await until('it is noticed', () => !two.hub.connected);
  proxy.stalled = false;
  await until('it is told', () => far.events('resync').length === 1);
});

test('an event that was lost in a silent thread is told of by gossip', async () => {
  const thread = world.truth.thread('silent');
  const far = await world.client(two, 'bob');
  await far.get('join_thread', { thread_id: thread });
  world.truth.commit(thread, far.member, 'first');
  world.truth.mute = true;
  world.truth.commit(thread, far.member, 'lost');
  await until('it is told', () => far.events('resync').length > 0);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(far.events('resync')).toEqual([{ thread_id: thread, head_rev: 2 }]);
});

test('a dead node’s last commits are found by asking for heads', async () => {
  const thread = world.truth.thread('orphan');
  const far = await world.client(two, 'bob');
  await far.get('join_thread', { thread_id: thread });
  world.truth.mute = true;
  world.truth.owner = undefined;
  world.truth.commit(thread, far.member, 'lost');
  two.headCheck.run();
  await until('it is told', () => far.events('resync').length === 1);
});

test('without Redis a node still delivers to its own sockets, in order', async () => {
  const thread = world.truth.thread('alone');
  const client = await world.client(two, 'bob');
  await client.get('join_thread', { thread_id: thread });
  world.truth.owner = two.hub;
  world.truth.commit(thread, client.member, '0');
  proxy.cut();
  for (let n = 1; n < 50; n++) world.truth.commit(thread, client.member, String(n));
  await until('it is cut off', () => !two.hub.connected);
  for (let n = 50; n < 100; n++) world.truth.commit(thread, client.member, String(n));
  await until('all have come', () => client.contents().length === 100);
  expect(client.contents()).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
});

test('a join while Redis is away is refused as retryable, and the room is left', async () => {
  const thread = world.truth.thread('refused');
  const client = await world.client(two, 'bob');
  proxy.cut();
  await until('it is cut off', () => !two.hub.connected);
  expect(await client.ask('join_thread', { thread_id: thread })).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  proxy.mend();
  await until('it is connected', () => two.hub.connected);
  await client.get('join_thread', { thread_id: thread });
});

test('a session that ended while a node was cut off ends there when it hears again; one who was removed is out', async () => {
  const community_id = world.truth.communityId;
  const thread = world.truth.thread('standing');
  const ended = await world.client(two, 'bob');
  const removed = await world.client(two, 'mallory');
  await removed.get('join_community', { community_id });
  await removed.get('join_thread', { thread_id: thread });
  proxy.cut();
  await until('it is cut off', () => !two.hub.connected);
  world.truth.sessions.get(ended.session)!.ended_at = 1;
  world.truth.members.delete(removed.member);
  proxy.mend();
  await until('the session is over', () => ended.socket.disconnected);
  expect(ended.events('session_ended')).toHaveLength(1);
  await until('the rooms are left', () => two.hub.watch.rooms === 0);
  expect(removed.socket.connected).toBe(true);
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { communityRoom } from '../../../src/protocol/rooms.js';
import { until } from '../../until.js';
import { RedisProxy } from './redis-proxy.js';
import { type Client, World, type WorldNode } from './world.js';

/** Node one belongs to the owners of all actors, node two reaches Redis over a proxy. Ada and Bob may view the thread, Eve may not. */
let world: World;
let one: WorldNode;
let two: WorldNode;
let proxy: RedisProxy;
let ada: Client;
let bob: Client;
let eve: Client;
let thread_id: string;
let community_id: string;

beforeEach(async () => {
  world = new World();
  proxy = await RedisProxy.before(World.redisUrl());
  one = await world.addNode();
  two = await world.addNode({ redisUrl: proxy.url });
  community_id = world.truth.communityId;
  [ada, bob, eve] = [await world.client(one, 'ada'), await world.client(two, 'bob'), await world.client(two, 'eve')];
  for (const client of [ada, bob, eve]) await client.get('join_community', { community_id });
  thread_id = await closedThread('closed');
});
afterEach(async () => {
  await world.stop();
  await proxy.stop();
});

const closedThread = async (name: string): Promise<string> => {
  const id = world.truth.thread(name);
  world.truth.closed.set(id, new Set([ada.member, bob.member]));
  for (const client of [ada, bob]) await client.get('join_thread', { thread_id: id });
  return id;
};
const viewers = (id = thread_id): Set<string> => world.truth.closed.get(id)!;
const thread = (id = thread_id) => world.truth.threadOf(id);
const updated = (title: string, id = thread_id): void =>
  one.hub.fanout.publish(communityRoom(community_id), 'thread_updated', { thread: { ...thread(id), title } }, { audience: id });
const recheck = (id = thread_id): void => one.hub.fanout.recheck({ community_id, thread_id: id, access_rev: 1, thread: thread(id) });
const titles = (client: Client): string[] => client.events('thread_updated').map((p) => (p.thread as { title: string }).title);
/** What is on its way to node two has been given out there when the client hears this. */
const heardAll = async (...clients: Client[]): Promise<void> => {
  const mark = { community_id, member_id: community_id };
  one.hub.fanout.publish(communityRoom(community_id), 'member_left', mark);
  for (const client of clients)
    await until('the mark has come', () => client.events('member_left').some((p) => p.member_id === community_id));
};

test('an event for the audience of a thread reaches those who may view it, on both nodes, and nothing of it anybody else', async () => {
  for (const n of ['1', '2', '3']) updated(n);
  await heardAll(ada, bob, eve);
  expect([titles(ada), titles(bob)]).toEqual([
    ['1', '2', '3'],
    ['1', '2', '3'],
  ]);
  expect(eve.heard.map(({ event }) => event)).toEqual(['member_left']);
});

test('what comes before a recheck arrives, what stands behind it never does, in thread after thread', async () => {
  const ids = [];
  for (let n = 0; n < 40; n++) ids.push(await closedThread(`order ${n}`));
  for (const id of ids) {
    world.truth.commit(id, ada.member, 'before');
    viewers(id).delete(bob.member);
    recheck(id);
    world.truth.commit(id, ada.member, 'behind');
    updated('behind', id);
  }
  await until('Ada hears all', () => ada.contents().length === 80 && titles(ada).length === 40);
  await until('Bob hears that they are gone', () => bob.events('thread_deleted').length === 40);
  await heardAll(bob, eve);
  expect(bob.contents()).toEqual(ids.map(() => 'before'));
  expect(titles(bob)).toEqual([]);
  expect(
    bob
      .events('thread_deleted')
      .map((p) => p.thread_id)
      .sort(),
  ).toEqual([...ids].sort());
  for (const id of ids) {
    const heard = bob.heard.filter(({ payload }) => JSON.stringify(payload).includes(id)).map(({ event }) => event);
    expect(heard).toEqual(['new_message', 'thread_deleted']);
  }
  expect(eve.heard.map(({ event }) => event)).toEqual(['member_left']);
  expect(await bob.ask('join_thread', { thread_id: ids[0] })).toMatchObject({ ok: false, error: { code: 'not_found' } });
});

test('what comes before a removal arrives, what stands behind it never does, though what is announced to all nodes is late', async () => {
  const late = one.hub.io.serverSideEmit.bind(one.hub.io);
  one.hub.io.serverSideEmit = (() => true) as never;
  for (let n = 0; n < 20; n++) {
    world.truth.commit(thread_id, ada.member, 'before');
    one.hub.fanout.publish(communityRoom(community_id), 'thread_updated', { thread: { ...thread(), title: 'before' } });
  }
  world.truth.members.delete(eve.member);
  world.truth.members.delete(bob.member);
  for (const gone of [bob, eve]) one.hub.fanout.evict(gone.member, community_id);
  one.hub.fanout.publish(communityRoom(community_id), 'thread_updated', { thread: { ...thread(), title: 'behind' } });
  world.truth.commit(thread_id, ada.member, 'behind');
  await until('Ada hears all', () => ada.contents().length === 21 && titles(ada).length === 21);
  for (const gone of [bob, eve]) await until('it hears why', () => gone.events('member_left').length > 0);
  one.hub.io.serverSideEmit = late;
  expect([titles(bob).length, titles(eve).length]).toEqual([20, 20]);
  for (const gone of [bob, eve]) expect([titles(gone), gone.contents()].flat()).not.toContain('behind');
});

test('a recheck whose word in the room is lost is announced again', async () => {
  const send = one.channels.sPublish.bind(one.channels);
  let lost = 0;
  one.channels.sPublish = (channel, payload) => {
    if (!String(payload).includes('"recheck"') || ++lost > 3) return send(channel, payload);
    return Promise.resolve(0);
  };
  viewers().delete(bob.member);
  recheck();
  await until('Bob hears that it is gone', () => bob.events('thread_deleted').length === 1);
  expect(lost).toBeGreaterThan(3);
  world.truth.commit(thread_id, ada.member, 'behind');
  await heardAll(bob);
  expect(bob.contents()).toEqual([]);
});

test('a node that was cut off while somebody lost sight of a thread finds that by itself', async () => {
  proxy.cut();
  await until('it is cut off', () => !two.hub.connected);
  viewers().delete(bob.member);
  proxy.mend();
  await until('Bob hears that it is gone', () => bob.events('thread_deleted').length === 1);
});

test('a node that was cut off while a thread was closed finds that by itself', async () => {
  const id = world.truth.thread('open until then');
  for (const client of [ada, bob]) await client.get('join_thread', { thread_id: id });
  proxy.cut();
  await until('it is cut off', () => !two.hub.connected);
  world.truth.closed.set(id, new Set([ada.member]));
  proxy.mend();
  await until('Bob hears that it is gone', () => bob.events('thread_deleted').length === 1);
  expect(bob.events('thread_deleted')).toEqual([{ community_id, thread_id: id }]);
});

test('who joins while a room is held is decided by the owner, and hears what follows', async () => {
  const answers: (() => void)[] = [];
  world.truth.beforeAudience = () => new Promise((resolve) => void answers.push(resolve));
  recheck();
  await until('both nodes ask', () => answers.length >= 2);
  viewers().add(eve.member);
  await eve.get('join_thread', { thread_id });
  world.truth.commit(thread_id, ada.member, 'after');
  world.truth.beforeAudience = undefined;
  for (const answer of answers) answer();
  await until('all hear it', () => [ada, bob, eve].every((client) => client.contents().includes('after')));
});

test('who asks for a thread that they may not view hears nothing of it while that is decided', async () => {
  world.truth.beforeOpen = async () => {
    world.truth.commit(thread_id, ada.member, 'secret');
    await until('it is given out on that node', () => bob.contents().length === 1);
  };
  expect(await eve.ask('join_thread', { thread_id })).toMatchObject({ ok: false, error: { code: 'not_found' } });
  await heardAll(eve);
  expect(eve.heard.map(({ event }) => event)).toEqual(['member_left']);
});

test('who may view a thread from now on hears of it, and of what follows', async () => {
  viewers().add(eve.member);
  recheck();
  updated('after');
  await until('Eve hears', () => titles(eve).length === 1);
  expect(eve.heard.map(({ event }) => event)).toEqual(['new_thread', 'thread_updated']);
});

test('a recheck of a community takes whoever may not view its closed threads out of their rooms', async () => {
  viewers().delete(bob.member);
  one.hub.fanout.recheck({ community_id, member_id: bob.member, access_rev: 1 });
  world.truth.commit(thread_id, ada.member, 'behind');
  await until('Bob hears that it is gone', () => bob.events('thread_deleted').length === 1);
  await until('Ada hears it', () => ada.contents().length === 1);
});

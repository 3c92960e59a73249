import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { communityRoom, memberRoom, threadRoom } from '../../../src/protocol/rooms.js';
import { until } from '../../until.js';
import { World, type WorldNode } from './world.js';

let world: World;
let one: WorldNode;
let two: WorldNode;

beforeEach(async () => {
  world = new World();
  one = await world.addNode();
  two = await world.addNode();
});
afterEach(() => world.stop());

const numbers = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));

test('events reach subscribers of both nodes in the order of the commits', async () => {
  const thread = world.truth.thread('order');
  const near = await world.client(one, 'ada');
  const far = await world.client(two, 'bob');
  for (const client of [near, far]) await client.get('join_thread', { thread_id: thread });
  for (const n of numbers(2_000)) world.truth.commit(thread, near.member, n);
  await until('both have all', () => near.contents().length === 2_000 && far.contents().length === 2_000);
  expect(near.contents()).toEqual(numbers(2_000));
  expect(far.contents()).toEqual(numbers(2_000));
});

test('an event published right after the answer to a join is always received', async () => {
  const far = await world.client(two, 'bob');
  for (const n of numbers(150)) {
    const thread = world.truth.thread(`fresh ${n}`);
    await far.get('join_thread', { thread_id: thread });
    world.truth.commit(thread, far.member, n);
  }
  await until('all have come', () => far.contents().length === 150);
  expect(far.contents()).toEqual(numbers(150));
});

test('nothing is lost between what a join reads and what follows it', async () => {
  const far = await world.client(two, 'bob');
  for (const n of numbers(40)) {
    const thread = world.truth.thread(`between ${n}`);
    // Committed while the join reads, after it subscribed.
    world.truth.beforeOpen = async () => {
      world.truth.commit(thread, far.member, 'before');
      setImmediate(() => world.truth.commit(thread, far.member, 'after'));
    };
    const answer = await far.get('join_thread', { thread_id: thread });
    const read = (answer.messages as { rev: number }[]).map((m) => m.rev);
    const heard = (): number[] =>
      far.events('new_message').flatMap((p) => {
        const message = p.message as { thread_id: string; rev: number };
        return message.thread_id === thread ? [message.rev] : [];
      });
    await until('both revs are known', () => new Set([...read, ...heard()]).size === 2);
  }
});

test('leaving a thread ends its events, and joining again begins them anew', async () => {
  const thread = world.truth.thread('leave');
  const far = await world.client(two, 'bob');
  await far.get('join_thread', { thread_id: thread });
  await far.get('leave_thread', { thread_id: thread });
  world.truth.commit(thread, far.member, 'unheard');
  // One that is on its way while a room is joined again may still come; its rev says that it is known.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await far.get('join_thread', { thread_id: thread, after_rev: 1 });
  world.truth.commit(thread, far.member, 'heard');
  await until('it is heard', () => far.contents().length > 0);
  expect(far.contents()).toEqual(['heard']);
});

test('exceptMember spares all devices of a member on every node', async () => {
  const thread = world.truth.thread('typing');
  const here = await world.client(one, 'ada');
  const there = await world.client(two, 'ada');
  const other = await world.client(two, 'bob');
  for (const client of [here, there, other]) await client.get('join_thread', { thread_id: thread });
  one.hub.fanout.publish(threadRoom(thread), 'typing', { thread_id: thread, member_id: here.member }, { exceptMember: here.member });
  await until('the other one hears it', () => other.events('typing').length === 1);
  world.truth.commit(thread, here.member, 'x');
  await until('both hear the message', () => here.contents().length === 1 && there.contents().length === 1);
  expect([...here.events('typing'), ...there.events('typing')]).toEqual([]);
});

test("a member's own devices hear what is sent to the member", async () => {
  const there = await world.client(two, 'bob');
  await two.hub.effective(memberRoom(there.member), 2_000);
  one.hub.fanout.publish(memberRoom(there.member), 'notification', { notification: { id: 'n' } } as never);
  await until('it is heard', () => there.events('notification').length === 1);
});

test('who is taken out of a community hears why, and nothing after it, on both nodes', async () => {
  const community_id = world.truth.communityId;
  const thread = world.truth.thread('evict');
  const near = await world.client(one, 'mallory');
  const far = await world.client(two, 'mallory');
  const stays = await world.client(two, 'ada');
  for (const client of [near, far, stays]) {
    await client.get('join_community', { community_id });
    await client.get('join_thread', { thread_id: thread });
  }
  world.truth.members.delete(near.member);
  one.hub.fanout.publish(communityRoom(community_id), 'member_left', { community_id, member_id: near.member });
  one.hub.fanout.evict(near.member, community_id);
  world.truth.commit(thread, stays.member, 'secret');
  one.hub.fanout.publish(communityRoom(community_id), 'thread_deleted', { community_id, thread_id: thread });
  await until('who stays hears all', () => stays.contents().length === 1 && stays.events('thread_deleted').length === 1);
  for (const gone of [near, far]) {
    // From the community's room, from the eviction itself, or both.
    await until('it hears why', () => gone.events('member_left').length > 0);
    await gone.ask('leave_thread', { thread_id: thread });
    expect(gone.contents()).toEqual([]);
    expect(gone.events('thread_deleted')).toEqual([]);
    expect(await gone.ask('join_thread', { thread_id: thread })).toMatchObject({ ok: false, error: { code: 'forbidden' } });
  }
});

test('a deleted thread, and a deleted community, empty their rooms everywhere', async () => {
  const community_id = world.truth.communityId;
  const [first, second] = [world.truth.thread('a'), world.truth.thread('b')];
  const clients = [await world.client(one, 'ada'), await world.client(two, 'bob')];
  for (const client of clients) {
    await client.get('join_community', { community_id });
    for (const thread_id of [first, second]) await client.get('join_thread', { thread_id });
  }
  const inRoom = (room: string): number => [one, two].reduce((n, node) => n + (node.hub.io.of('/').adapter.rooms.get(room)?.size ?? 0), 0);
  one.hub.fanout.close({ thread_id: first });
  await until('the room is empty', () => inRoom(threadRoom(first)) === 0);
  expect(inRoom(threadRoom(second))).toBe(2);
  two.hub.fanout.close({ community_id });
  await until('all are empty', () => inRoom(threadRoom(second)) === 0 && inRoom(communityRoom(community_id)) === 0);
});

test('an announcement is carried out once a node, although it is repeated', async () => {
  const thread = world.truth.thread('once');
  const far = await world.client(two, 'bob');
  one.hub.fanout.evict(far.member, world.truth.communityId);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await far.get('join_thread', { thread_id: thread });
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  world.truth.commit(thread, far.member, 'still here');
  await until('it is heard', () => far.contents().length === 1);
});

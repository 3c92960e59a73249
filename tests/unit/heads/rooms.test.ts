import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { communityRoom, headsRoom } from '../../../src/protocol/rooms.js';
import { ClosedWorld, community, type Person, thread } from '../gateway-socket/closed-world.js';

/** Nobody here follows a thread or the community: all that they hear is heads. Ada may view the closed thread, Eve may not. */
let world: ClosedWorld;
let ada: Person;
let eve: Person;

const room = headsRoom(community);

beforeEach(async () => {
  world = await new ClosedWorld().open();
  ada = world.person(1, 'ada').join(room);
  eve = world.person(1, 'eve').join(room);
  world.viewers.add('ada');
});
afterEach(() => world.close());

const tell = (audience?: string): void => {
  const head = { thread_id: audience ?? 'another', last_seq: 1, last_activity: '' };
  world.owner.fanout.publish(room, 'thread_heads', { community_id: community, heads: [head] }, audience ? { audience } : {});
};

test('who joined no room but that hears of a message on another node, and of a closed thread those alone who may view it', async () => {
  tell();
  tell(thread);
  await world.settle();
  expect([ada.heard, eve.heard]).toEqual([['thread_heads', 'thread_heads'], ['thread_heads']]);
});

test('who may not view it is asked about once a minute, though its head moves all the time', async () => {
  for (let n = 0; n < 25; n++) {
    tell(thread);
    await world.settle();
    await world.clock.advance(2_000);
  }
  expect(world.asked.filter((members) => members.includes('eve'))).toHaveLength(1);
  expect(ada.heard).toHaveLength(25);
});

test('behind a removal nothing arrives, though what is announced to all nodes is late', async () => {
  world.loseAnnouncements();
  tell();
  world.belonging.delete('ada');
  world.owner.fanout.evict('ada', community);
  tell();
  tell(thread);
  await world.settle();
  expect([ada.heard, eve.heard]).toEqual([
    ['thread_heads', 'member_left'],
    ['thread_heads', 'thread_heads'],
  ]);
});

test('behind a recheck no head arrives of what one may not view any more, though what is announced to all nodes is late', async () => {
  tell(thread);
  await world.settle();
  world.loseAnnouncements();
  world.viewers.delete('ada');
  world.recheck();
  tell(thread);
  await world.settle();
  expect(ada.heard).toEqual(['thread_heads', 'thread_deleted']);
});

test('who may view it from now on hears where it stands', async () => {
  tell(thread);
  await world.settle();
  world.viewers.add('eve');
  world.recheck({ member_id: 'eve' });
  tell(thread);
  await world.settle();
  expect(eve.heard).toEqual(['thread_heads', 'thread_heads']);
});

test('who follows the community as well hears each thing once', async () => {
  const both = world.person(1, 'bob').join(room, communityRoom(community));
  tell(thread);
  await world.settle();
  world.viewers.add('bob');
  world.recheck();
  await world.settle();
  world.viewers.delete('bob');
  world.recheck();
  await world.settle();
  expect(both.heard).toEqual(['new_thread t', 'thread_deleted']);
});

test('a community that is closed down empties the room of its heads', async () => {
  world.owner.fanout.close({ community_id: community });
  await world.settle();
  tell();
  await world.settle();
  expect([ada.heard, ada.subscriber.isIn(room)]).toEqual([[], false]);
});

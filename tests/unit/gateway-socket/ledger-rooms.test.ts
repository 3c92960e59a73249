import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communityRoom, ledgerRoom } from '../../../src/protocol/rooms.js';
import { communityLedger } from '../../../src/store/community-items.js';
import { ClosedWorld, community, type Person } from './closed-world.js';

const ledger = communityLedger(community);
const room = ledgerRoom(ledger);
let world: ClosedWorld;
let ada: Person;
let bob: Person;

/** Ada stands on the node of the community's owner, Bob on the other one and follows its ledger alone. */
beforeEach(async () => {
  world = await new ClosedWorld().open();
  ada = world.person(0, 'ada').join(communityRoom(community), room);
  bob = world.person(1, 'bob').join(room);
  world.belonging.add('ada').add('bob');
});
afterEach(() => world.close());

const commit = (head_rev: number): void =>
  world.owner.fanout.publish(room, 'ledger_changed', { ledger, after_rev: head_rev - 1, head_rev, items: [] });
const commits = ({ heard }: Person): number => heard.filter((event) => event === 'ledger_changed').length;

describe('the room of a community’s ledger', () => {
  test.each([
    ['', () => undefined],
    [', also when the word to all nodes is lost', () => world.loseAnnouncements()],
  ])('is left by whoever is removed or banned, on every node, before what is published behind that%s', async (_how, before) => {
    before();
    commit(1);
    world.belonging.delete('bob');
    world.owner.fanout.evict('bob', community);
    commit(2);
    await world.settle();
    expect([commits(ada), commits(bob)]).toEqual([2, 1]);
    expect(bob.heard.at(-1)).toBe('member_left');
    expect([ada, bob].map(({ subscriber }) => subscriber.isIn(room))).toEqual([true, false]);
  });

  test('is left by all when the community was deleted', async () => {
    world.owner.fanout.close({ community_id: community });
    await world.settle();
    commit(2);
    await world.settle();
    expect([ada, bob].map((person) => [person.subscriber.rooms, commits(person)])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

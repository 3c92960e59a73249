import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { permissionLedger } from '../../../src/actors/ledger/names.js';
import type { LedgerRechecks } from '../../../src/gateway/socket/ledger-rechecks.js';
import { communityRoom, ledgerRoom } from '../../../src/protocol/rooms.js';
import { communityLedger } from '../../../src/store/community-items.js';
import { threadLedger } from '../../../src/store/thread-items.js';
import { ClosedWorld, community, type Person, thread } from './closed-world.js';

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

describe('the room of a ledger that takes a permission', () => {
  const invites = permissionLedger(community, 'manage_invites');
  const ofInvites = ledgerRoom(invites);
  beforeEach(() => {
    for (const person of [ada, bob]) person.join(ofInvites);
    world.holders.add('ada').add('bob');
  });
  const change = (head_rev: number): void =>
    world.owner.fanout.publish(ofInvites, 'ledger_changed', { ledger: invites, after_rev: head_rev - 1, head_rev, items: [] });
  const recheck = (member_id?: string): void =>
    world.owner.fanout.recheck({ community_id: community, access_rev: world.rev, ledgers: [invites], ...(member_id && { member_id }) });

  test.each([
    ['by a role that was taken', 'bob', () => undefined],
    ['by what roles grant', undefined, () => undefined],
    [', also when the word to all nodes is lost', 'bob', () => world.loseAnnouncements()],
  ])('is left by whoever loses it %s, on every node, before what is published behind that', async (_how, member, before) => {
    before();
    change(1);
    world.holders.delete('bob');
    world.rev++;
    world.holdAnswers();
    recheck(member);
    change(2);
    await world.settle();
    expect(commits(bob)).toBe(1);
    world.letGo();
    await world.settle();
    expect([commits(ada), commits(bob), bob.isConnected, bob.subscriber.isIn(room)]).toEqual([2, 1, true, true]);
    expect([ada, bob].map(({ subscriber }) => subscriber.isIn(ofInvites))).toEqual([true, false]);
  });

  test('is left, with the connection, by whoever nothing can be learned of, or nothing newer', async () => {
    world.before = () => Promise.reject(new Error('no owner'));
    recheck('bob');
    await world.settle();
    expect([ada, bob].map(({ isConnected, subscriber }) => [isConnected, subscriber.isIn(ofInvites)])).toEqual([
      [true, true],
      [false, false],
    ]);
    world.before = undefined;
    world.owner.fanout.recheck({ community_id: community, access_rev: world.rev + 1, ledgers: [invites], member_id: 'ada' });
    await world.settle();
    expect([ada.isConnected, ada.subscriber.isIn(ofInvites)]).toEqual([false, false]);
  });

  test('is looked at without word of a change: who lost it leaves, of whom nothing can be learned stays', async () => {
    const [own, other] = world.nodes.map(({ ledgerRechecks }) => ledgerRechecks) as [LedgerRechecks, LedgerRechecks];
    expect([own.rooms(), other.rooms()]).toEqual([[ofInvites], [ofInvites]]);
    world.holders.delete('bob');
    world.before = () => Promise.reject(new Error('no owner'));
    await other.lookAgain(ofInvites);
    expect(bob.subscriber.isIn(ofInvites)).toBe(true);
    world.before = undefined;
    await Promise.all([own.lookAgain(ofInvites), other.lookAgain(ofInvites)]);
    expect([ada, bob].map(({ isConnected, subscriber }) => [isConnected, subscriber.isIn(ofInvites)])).toEqual([
      [true, true],
      [true, false],
    ]);
  });

  test('is left by whoever is removed, before what is published behind that', async () => {
    world.belonging.delete('bob');
    world.loseAnnouncements();
    world.owner.fanout.evict('bob', community, { ledgers: [invites] });
    change(1);
    await world.settle();
    expect([commits(ada), commits(bob)]).toEqual([1, 0]);
  });
});

describe('the room of a closed thread’s ledger', () => {
  const its = ledgerRoom(threadLedger(thread));
  let eve: Person;
  let rev: number;
  const change = (): void => {
    rev++;
    const payload = { ledger: threadLedger(thread), after_rev: rev - 1, head_rev: rev, items: [] };
    world.owner.fanout.publish(its, 'ledger_changed', payload, { audience: thread });
  };

  /** Eve stands on the node of the owner, Bob on the other one; both may view it and follow its ledger alone. */
  beforeEach(async () => {
    rev = 0;
    eve = world.person(0, 'eve').join(its);
    bob.join(its);
    for (const member of ['eve', 'bob']) world.viewers.add(member);
    for (const { rechecks } of world.nodes) rechecks.opened(thread, community);
    change();
    await world.settle();
    expect([eve, bob].map(commits)).toEqual([1, 1]);
  });

  test.each([
    ['', () => undefined],
    [', also when the word to all nodes is lost', () => world.loseAnnouncements()],
  ])('is left by whoever may not view it any more, on every node, before what is published behind that%s', async (_how, before) => {
    before();
    world.viewers.delete('bob');
    world.rev++;
    world.recheck({ member_id: 'bob' });
    change();
    await world.settle();
    expect([eve, bob].map(commits)).toEqual([2, 1]);
    expect([eve, bob].map(({ subscriber }) => subscriber.isIn(its))).toEqual([true, false]);
  });

  test('is left where it is decided anew for all threads of the community', async () => {
    world.viewers.delete('bob');
    world.rev++;
    world.owner.fanout.recheck({ community_id: community, access_rev: world.rev });
    await world.settle();
    change();
    await world.settle();
    expect([eve, bob].map(commits)).toEqual([2, 1]);
    expect([eve, bob].map(({ subscriber }) => subscriber.isIn(its))).toEqual([true, false]);
  });

  test('is left by whoever is removed from the community, and by all when the thread was deleted', async () => {
    world.belonging.delete('bob');
    world.viewers.delete('bob');
    world.owner.fanout.evict('bob', community, { threadId: thread });
    await world.settle();
    expect([eve, bob].map(({ subscriber }) => subscriber.isIn(its))).toEqual([true, false]);
    world.owner.fanout.close({ thread_id: thread });
    await world.settle();
    expect(eve.subscriber.isIn(its)).toBe(false);
  });
});

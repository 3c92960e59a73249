import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communityRoom, threadRoom } from '../../../src/protocol/rooms.js';
import { ClosedWorld, community, type Person, thread } from './closed-world.js';

let world: ClosedWorld;
let ada: Person;
let bob: Person;

const both = [communityRoom(community), threadRoom(thread)];

/** Ada stands on the node of the thread's owner, Bob on the other one; both may view the thread. */
beforeEach(async () => {
  world = await new ClosedWorld().open();
  ada = world.person(0, 'ada').join(...both);
  bob = world.person(1, 'bob').join(...both);
  world.viewers.add('ada').add('bob');
});
afterEach(() => world.close());

const never = (): Promise<never> => new Promise(() => undefined);

describe('an event for the audience of a thread', () => {
  test('reaches those of the community who may view it, on all nodes, for one question a node', async () => {
    const [eve, mallory] = [world.person(0, 'eve').join(both[0]!), world.person(1, 'mallory').join(both[0]!)];
    world.update('1');
    await world.settle();
    expect([ada, bob, eve, mallory].map(({ heard }) => heard)).toEqual([['thread_updated 1'], ['thread_updated 1'], [], []]);
    expect(world.asked).toEqual([
      ['ada', 'eve'],
      ['bob', 'mallory'],
    ]);
    world.update('2');
    await world.settle();
    expect(world.asked).toHaveLength(2);
    expect(bob.heard).toEqual(['thread_updated 1', 'thread_updated 2']);
  });

  test('goes before what follows it in its room, however long the answer takes, and the other rooms go on', async () => {
    world.holdAnswers();
    world.update('closed');
    world.tellAll('open');
    world.say('x');
    await world.settle();
    expect(ada.heard).toEqual(['new_message x']);
    world.letGo();
    await world.settle();
    expect(ada.heard).toEqual(['new_message x', 'thread_updated closed', 'thread_updated open']);
  });

  test('reaches nobody when the answer does not come in time, and holds up nothing any longer', async () => {
    world.before = never;
    world.update('closed');
    world.tellAll('open');
    await world.settle();
    await world.clock.advance(1_900);
    expect(ada.heard).toEqual([]);
    await world.clock.advance(200);
    await world.settle();
    expect([ada.heard, bob.heard]).toEqual([['thread_updated open'], ['thread_updated open']]);
  });

  test('reaches nobody when too much waits behind it', async () => {
    world.before = never;
    world.update('closed');
    await world.settle();
    for (let i = 0; i < 1_001; i++) world.tellAll(String(i));
    await world.settle();
    expect(ada.heard).toHaveLength(1_001);
    expect(ada.heard).not.toContain('thread_updated closed');
  });

  test('is not decided by an answer that is older than ten seconds', async () => {
    world.update('1');
    await world.settle();
    world.viewers.delete('bob');
    await world.clock.advance(10_000);
    world.update('2');
    await world.settle();
    expect([ada.heard.length, bob.heard.length]).toEqual([2, 1]);
  });

  test('is for who was asked about: who joins while it waits has read what there is, or will', async () => {
    world.holdAnswers();
    world.update('1');
    await world.settle();
    const eve = world.person(0, 'eve').join(both[0]!);
    world.letGo();
    world.viewers.add('eve');
    await world.settle();
    expect([ada.heard, eve.heard]).toEqual([['thread_updated 1'], []]);
    world.update('2');
    await world.settle();
    expect(eve.heard).toEqual(['thread_updated 2']);
  });
});

describe('a recheck', () => {
  test('takes those out who may not view the thread any more: they hear what came before, are told, and hear nothing behind it', async () => {
    world.say('before');
    world.viewers.delete('bob');
    world.recheck();
    world.say('behind');
    world.update('behind');
    await world.settle();
    expect(ada.heard).toEqual(['new_message before', 'new_message behind', 'thread_updated behind']);
    expect(bob.heard).toEqual(['new_message before', 'thread_deleted']);
    expect([bob.isInThread, bob.isConnected]).toEqual([false, true]);
  });

  test('holds the room at its place on the publishing node too, also when more is published and sent out in the same turn', async () => {
    world.viewers.delete('ada');
    world.recheck();
    world.say('behind');
    world.owner.fanout.close({ thread_id: 'another' });
    await world.settle();
    expect([ada.heard, bob.heard]).toEqual([['thread_deleted'], ['new_message behind']]);
  });

  test('counts no answer that was asked for before it, nor one that is older', async () => {
    world.holdAnswers();
    world.update('1');
    await world.settle();
    // Both nodes are being told, of a moment ago, that everybody may.
    world.viewers.delete('bob');
    world.recheck({ access_rev: 2 });
    await world.settle();
    world.letGo();
    await world.settle();
    expect(bob.heard).toEqual([]);
    // The owner does not know of the change yet.
    world.viewers.add('bob');
    await world.clock.advance(400);
    expect([bob.heard, bob.isInThread]).toEqual([[], true]);
    world.rev = 2;
    world.viewers.delete('bob');
    await world.clock.advance(400);
    await world.settle();
    expect([bob.heard, bob.isInThread]).toEqual([['thread_deleted'], false]);
  });

  test('lets everybody come again of whom nothing can be learned within ten seconds', async () => {
    world.before = never;
    world.recheck();
    world.say('behind');
    await world.settle();
    await world.clock.advance(9_900);
    expect([ada.isInThread, ada.isConnected, ada.heard]).toEqual([true, true, []]);
    await world.clock.advance(200);
    await world.settle();
    for (const person of [ada, bob]) expect([person.isInThread, person.isConnected, person.heard]).toEqual([false, false, []]);
  });

  test('does so at once when too much waits behind it', async () => {
    world.before = never;
    world.recheck();
    await world.settle();
    for (let i = 0; i < 1_001; i++) world.say(String(i));
    await world.settle();
    expect([ada.isInThread, ada.heard]).toEqual([false, []]);
  });

  test('asks about who joined the thread while it waited, and of one member asks about nobody else', async () => {
    world.holdAnswers();
    world.recheck();
    await world.settle();
    const eve = world.person(0, 'eve').join(both[1]!);
    world.letGo();
    await world.settle();
    expect([eve.isInThread, eve.heard]).toEqual([false, ['thread_deleted']]);
    world.asked.length = 0;
    world.recheck({ member_id: 'bob' });
    await world.settle();
    expect(world.asked).toEqual([['bob']]);
  });

  test('tells the community’s subscribers: who may from now on of a new thread, whoever knew it that it is gone, others nothing', async () => {
    const names = ['gains', 'loses', 'never', 'keeps'];
    const people = names.map((name) => world.person(1, name).join(both[0]!));
    world.viewers.add('loses').add('keeps');
    world.update('1');
    await world.settle();
    for (const { heard } of people) heard.length = 0;
    world.viewers.add('gains').delete('loses');
    world.recheck();
    world.update('2');
    await world.settle();
    expect(people.map(({ heard }) => heard)).toEqual([['new_thread t', 'thread_updated 2'], ['thread_deleted'], [], ['thread_updated 2']]);
  });

  test('where nothing is known, whoever may view hears of a new thread, and nobody is told that there was one', async () => {
    const [may, mayNot] = ['may', 'may not'].map((name) => world.person(1, name).join(both[0]!));
    world.viewers.add('may');
    world.recheck();
    await world.settle();
    expect([may!.heard, mayNot!.heard]).toEqual([['new_thread t'], []]);
  });

  test('of a thread that was open until now tells everybody who may not view it that it is gone', async () => {
    const [may, mayNot] = ['may', 'may not'].map((name) => world.person(1, name).join(both[0]!));
    world.viewers.add('may');
    world.recheck({ was_open: true });
    await world.settle();
    expect([may!.heard, mayNot!.heard]).toEqual([[], ['thread_deleted']]);
  });

  test.each([
    ['thread', both[1]!, (): void => world.say('behind')],
    ['community', both[0]!, (): void => world.update('behind')],
  ])('stands in the room of the %s, for a node that follows nothing else', async (_what, room, publish) => {
    const eve = world.person(1, 'eve').join(room);
    world.viewers.add('eve');
    bob.subscriber.leaveCommunity(community);
    publish();
    await world.settle();
    expect(eve.heard).toHaveLength(1);
    world.loseAnnouncements();
    world.viewers.delete('eve');
    world.recheck();
    publish();
    await world.settle();
    expect(eve.heard.slice(1)).toEqual(['thread_deleted']);
  });

  test('that was lost on its way through the room arrives as an announcement', async () => {
    world.nodes[1]!.channels.connected = false;
    world.viewers.delete('bob');
    world.recheck();
    await world.settle();
    world.nodes[1]!.channels.connected = true;
    expect(bob.isInThread).toBe(true);
    await world.clock.advance(5_000);
    await world.settle();
    expect([bob.isInThread, bob.heard]).toEqual([false, ['thread_deleted']]);
    world.asked.length = 0;
    await world.clock.advance(30_000);
    expect(world.asked).toEqual([]);
  });
});

describe('whoever tries to join a thread', () => {
  test('hears nothing of it before that is granted, also not that it is gone', async () => {
    const eve = world.person(1, 'eve');
    const entry = eve.subscriber.enter(both[1]!, community);
    world.say('secret');
    world.recheck();
    await world.settle();
    entry.giveUp(true);
    await world.settle();
    expect([eve.isInThread, eve.heard]).toEqual([false, []]);
  });

  test('and may, hears then what has come meanwhile, before what follows', async () => {
    world.viewers.add('eve');
    const eve = world.person(1, 'eve');
    const entry = eve.subscriber.enter(both[1]!, community);
    world.say('1');
    world.recheck();
    world.say('2');
    await world.settle();
    expect(eve.heard).toEqual([]);
    entry.grant();
    world.say('3');
    await world.settle();
    expect(eve.heard).toEqual(['new_message 1', 'new_message 2', 'new_message 3']);
  });
});

test('why a community is closed is told to those who are held up, before they leave its rooms', async () => {
  world.holdAnswers();
  world.update('closed');
  world.tellAll('last');
  world.owner.fanout.close({ community_id: community });
  await world.settle();
  world.letGo();
  await world.settle();
  expect(bob.heard).toEqual(['thread_updated closed', 'thread_updated last']);
  expect(bob.subscriber.rooms).toBe(0);
});

describe('a recheck of a community', () => {
  const recheckAll = (member_id?: string): void =>
    world.owner.fanout.recheck({ community_id: community, access_rev: 1, ...(member_id && { member_id }) });

  test('asks about the closed threads whose rooms are known to be closed, and takes those out who may not', async () => {
    world.nodes[1]!.rechecks.opened(thread, community);
    world.viewers.delete('bob');
    recheckAll();
    await world.settle();
    expect(world.asked).toEqual([['bob']]);
    expect([bob.isInThread, bob.heard]).toEqual([false, ['thread_deleted']]);
  });

  test('of a member asks about that member’s sockets', async () => {
    world.person(1, 'eve').join(...both);
    world.nodes[1]!.rechecks.opened(thread, community);
    recheckAll('bob');
    await world.settle();
    expect(world.asked).toEqual([['bob']]);
  });

  test('makes nodes forget what they were told, before what is published next', async () => {
    world.update('1');
    await world.settle();
    world.viewers.delete('bob');
    recheckAll('bob');
    world.update('2');
    await world.settle();
    expect([ada.heard.length, bob.heard]).toEqual([2, ['thread_updated 1', 'thread_deleted']]);
  });

  test('that came before a join was answered is made up for when that says that the thread is closed', async () => {
    world.viewers.delete('bob');
    recheckAll('bob');
    await world.settle();
    expect(world.asked).toEqual([]);
    world.nodes[1]!.rechecks.opened(thread, community);
    await world.settle();
    expect(bob.isInThread).toBe(false);
  });

  test('costs nothing where all threads are open', async () => {
    recheckAll();
    world.tellAll('x');
    await world.settle();
    expect([world.asked, ada.heard]).toEqual([[], ['thread_updated x']]);
  });
});

describe('a look without word of a change', () => {
  test('finds who may not view any more, and leaves alone of whom nothing can be learned', async () => {
    world.viewers.delete('bob');
    void world.nodes[1]!.rechecks.lookAgain(thread, community);
    await world.settle();
    expect(bob.isInThread).toBe(false);
    world.before = never;
    void world.nodes[0]!.rechecks.lookAgain(thread, community);
    await world.clock.advance(11_000);
    await world.settle();
    expect([ada.isInThread, ada.isConnected]).toEqual([true, true]);
  });

  test('is taken when the head of a thread says that it is closed', async () => {
    world.viewers.delete('bob');
    world.nodes[1]!.hub.closedRooms.found(thread, community);
    world.nodes[1]!.hub.closedRooms.found('elsewhere', community);
    await world.settle();
    expect([bob.isInThread, world.asked]).toEqual([false, [['bob']]]);
  });
});

describe('a removal from the community', () => {
  test('comes before what is published behind it, through the rooms alone', async () => {
    world.loseAnnouncements();
    world.belonging.delete('bob');
    world.say('before');
    world.tellAll('before');
    world.owner.fanout.evict('bob', community);
    world.say('behind');
    world.tellAll('behind');
    await world.settle();
    expect(bob.heard).toEqual(['new_message before', 'thread_updated before', 'member_left']);
    expect(ada.heard).toHaveLength(4);
  });

  test('comes through the room of a thread, where the community’s is not followed', async () => {
    world.loseAnnouncements();
    const eve = world.person(1, 'eve').join(both[1]!);
    world.belonging.delete('eve');
    world.owner.fanout.evict('eve', community, { threadId: thread });
    world.say('behind');
    await world.settle();
    expect(eve.heard).toEqual(['member_left']);
    expect(bob.heard).toEqual(['new_message behind']);
  });

  test('of somebody on the publishing node comes at once, whatever sends out in the same turn', async () => {
    world.belonging.delete('ada');
    world.owner.fanout.evict('ada', community);
    world.say('behind');
    world.owner.fanout.close({ thread_id: 'another' });
    await world.settle();
    expect(ada.heard).toEqual(['member_left']);
  });
});

test('nothing of a thread is made good, and no hole in it told, to whoever left its room', async () => {
  world.viewers.delete('bob');
  world.recheck();
  await world.settle();
  bob.heard.length = 0;
  world.nodes[1]!.hub.watch.heard([[thread, 9]]);
  world.owner.fanout.reached(thread, 9);
  await world.clock.advance(20_000);
  await world.settle();
  expect(bob.heard).toEqual([]);
});

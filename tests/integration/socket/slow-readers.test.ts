import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { defaultMarks } from '../../../src/gateway/socket/reader-stage.js';
import { idFromName } from '../../../src/kernel/ids.js';
import type { LiveMessage } from '../../../src/protocol/resources.js';
import { communityRoom, threadRoom } from '../../../src/protocol/rooms.js';
import { until } from '../../until.js';
import { RawClient } from './raw-client.js';
import { type Client, World, type WorldNode } from './world.js';

/** A real connection whose other end stops reading: what it gets afterwards, and what the others notice of it. */
let world: World;
let node: WorldNode;
let healthy: Client;
let stalled: RawClient;
let thread_id: string;
let quiet: string;

const mallory = idFromName('member', 'mallory');
const text = 'x'.repeat(4_000);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const stages = async (): Promise<Record<string, number>> => {
  const { values } = await node.telemetry.slowReaders.get();
  return Object.fromEntries(values.map(({ labels, value }) => [labels.stage, value]));
};

/** Commits until something holds, with the event loop going round in between. */
const commitUntil = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let n = 0; n < 20_000; n++) {
    world.truth.commit(thread_id, healthy.member, text);
    if (n % 10 === 0) await turn();
    if (n % 100 === 0 && (await holds())) return;
  }
  throw new Error('in vain');
};

const typing = (member_id: string): void => node.hub.fanout.publish(threadRoom(thread_id), 'typing', { thread_id, member_id });
const presence = (text: string): void =>
  node.hub.fanout.publish(communityRoom(world.truth.communityId), 'presence', {
    member_id: healthy.member,
    presence: { state: 'online', text, last_active_at: null },
  });

const start = async (stillMs: number): Promise<void> => {
  world = new World();
  node = await world.addNode({ marks: { ...defaultMarks, stillMs } });
  thread_id = world.truth.thread('busy');
  quiet = world.truth.thread('quiet');
  healthy = await world.client(node, 'ada');
  world.truth.members.add(mallory);
  stalled = await RawClient.member(node);
  for (const [n, id] of [thread_id, quiet].entries()) {
    stalled.send(`42${n}["join_thread",{"thread_id":"${id}"}]`);
    expect(await stalled.answer(n)).toMatchObject({ ok: true });
    await healthy.get('join_thread', { thread_id: id });
  }
  stalled.send(`429["join_community",{"community_id":"${world.truth.communityId}"}]`);
  expect(await stalled.answer(9)).toMatchObject({ ok: true });
  await healthy.get('join_community', { community_id: world.truth.communityId });
};

beforeEach(() => start(15_000));
afterEach(async () => {
  stalled.close();
  await world.stop();
});

const revs = (messages: readonly { rev: number }[]): number[] => messages.map((m) => m.rev);
const upTo = (n: number): number[] => Array.from({ length: n }, (_x, i) => i + 1);

test('one that reads again has missed hints first, then changes, hears of every hole before anything later, and catches up', async () => {
  stalled.stopReading();
  await commitUntil(async () => (await stages()).slow === 1);
  typing(healthy.member);
  presence('first');
  presence('second');
  await commitUntil(async () => (await stages()).behind === 1);
  world.truth.commit(quiet, healthy.member, 'missed');
  for (let n = 0; n < 100; n++) world.truth.commit(thread_id, healthy.member, text);
  const missedHead = world.truth.threads.get(thread_id)!.length;
  stalled.readAgain();
  const heard = (event: string) => stalled.events().filter((e) => e.event === event);
  await until('it is told to catch up', () => heard('resync').length === 2);
  world.truth.commit(thread_id, healthy.member, 'later');
  await until('it hears the next', () => heard('new_message').some((e) => (e.payload.message as LiveMessage).content === 'later'));

  expect(heard('resync').map((e) => e.payload)).toEqual([
    { thread_id, head_rev: missedHead },
    { thread_id: quiet, head_rev: 1 },
  ]);
  expect(heard('typing')).toEqual([]);
  expect(heard('presence').map((e) => (e.payload.presence as { text: string }).text)).toEqual(['second']);
  const events = stalled
    .events()
    .filter((e) => (e.event === 'new_message' && (e.payload.message as LiveMessage).thread_id === thread_id) || e.event === 'resync');
  const told = events.findIndex((e) => e.event === 'resync');
  const before = events.slice(0, told).map((e) => (e.payload.message as LiveMessage).rev);
  expect(before).toEqual(upTo(before.length));
  expect(before.length).toBeLessThan(missedHead);
  expect(
    events
      .slice(told)
      .filter((e) => e.event === 'new_message')
      .map((e) => (e.payload.message as LiveMessage).rev),
  ).toEqual([missedHead + 1]);

  stalled.send(`4277["sync_thread",{"thread_id":"${thread_id}","after_rev":${before.length}}]`);
  const { data } = (await stalled.answer(77)) as never as { data: { messages: LiveMessage[] } };
  expect(revs(data.messages)).toEqual(upTo(missedHead + 1).slice(before.length));

  const all = world.truth.threads.get(thread_id)!.length;
  await until('the other heard everything', () => healthy.events('new_message').length === all + 1);
  const theirs = healthy.events('new_message').map((p) => p.message as LiveMessage);
  expect(revs(theirs.filter((m) => m.thread_id === thread_id))).toEqual(upTo(all));
  expect(healthy.events('typing')).toHaveLength(1);
  expect(healthy.events('presence')).toHaveLength(2);
  expect(healthy.events('resync')).toEqual([]);
});

test('one that never reads again is closed, and holds nothing', async () => {
  await world.stop();
  await start(1_000);
  stalled.stopReading();
  await commitUntil(async () => (await stages()).behind === 1);
  await until('it is out', () => node.sockets.sockets === 1);
  expect(await stages()).toMatchObject({ lost: 1 });
  expect(node.hub.slowReaders.crowded).toBe(0);
  expect(node.hub.io.engine.clientsCount).toBe(1);
  const all = world.truth.threads.get(thread_id)!.length;
  await until('the other heard everything', () => healthy.events('new_message').length === all);
});

test('one that asks and never takes the answers is closed at the last mark', async () => {
  for (let n = 0; n < 100; n++) world.truth.commit(thread_id, healthy.member, text);
  stalled.stopReading();
  const sync = JSON.stringify(['sync_thread', { thread_id, after_rev: 0 }]);
  for (let n = 100; n < 400 && node.sockets.sockets === 2; n++) {
    stalled.send(`42${n}${sync}`);
    await turn();
  }
  await until('it is out', () => node.sockets.sockets === 1);
  expect(await stages()).toMatchObject({ lost: 1 });
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import { Hub } from '../../../src/gateway/socket/hub.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { communityRoom, memberRoom, threadRoom } from '../../../src/protocol/rooms.js';
import { LoopBus, type LoopChannels } from './loop-channels.js';

/** Hubs without Redis and without sockets: what of Socket.IO's inside the hub rests on. */
const logger = createLogger({ level: 'silent', node: 'test' });
const thread = idFromName('thread', 't');
let bus: LoopBus;
let clock: FakeClock;
let hubs: { hub: Hub; channels: LoopChannels; telemetry: Telemetry }[];

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(async () => {
  bus = new LoopBus();
  clock = new FakeClock();
  hubs = [0, 1].map(() => {
    const channels = bus.join();
    const telemetry = new Telemetry();
    return { hub: new Hub({ channels, prefix: 'p', clock, logger, telemetry, shedder: noShedding }), channels, telemetry };
  });
  for (const { hub } of hubs) await hub.start();
});
afterEach(async () => {
  for (const { hub } of hubs) await hub.stop();
});

const node = (n: number) => hubs[n]!;
const inRoom = (hub: Hub, room: string): void => void hub.io.of('/').adapter.addAll('somebody', new Set([room]));
const message = (rev: number) => ({ message: { thread_id: thread, rev } }) as never;
const resyncs = async (n: number): Promise<number> => {
  const { values } = await node(n).telemetry.resyncs.get();
  return values.reduce((sum, v) => sum + v.value, 0);
};

test('a node is subscribed to a room while it has sockets in it', () => {
  const before = node(0).channels.subscribed.length;
  inRoom(node(0).hub, threadRoom(thread));
  expect(node(0).channels.subscribed).toContain(`p#/#t:${thread}#`);
  void node(0).hub.io.of('/').adapter.del('somebody', threadRoom(thread));
  expect(node(0).channels.subscribed).toHaveLength(before);
});

test('room names are not taken for socket ids', () => {
  for (const room of [threadRoom(thread), communityRoom(thread), memberRoom(thread)]) expect(room).not.toHaveLength(20);
});

test('each change that goes to a room is seen once, whoever published it', async () => {
  for (const { hub } of hubs) inRoom(hub, threadRoom(thread));
  const seen: [number, number][] = [];
  for (const [n, { hub }] of hubs.entries()) {
    const passing = hub.watch.passing.bind(hub.watch);
    hub.watch.passing = (id, rev) => {
      seen.push([n, rev]);
      passing(id, rev);
    };
  }
  for (const event of ['new_message', 'message_updated', 'message_deleted'] as const) {
    node(0).hub.fanout.publish(threadRoom(thread), event, message(seen.length));
    await settle();
  }
  node(1).hub.fanout.publish(threadRoom(thread), 'typing', { thread_id: thread, member_id: thread });
  await settle();
  expect(seen).toEqual([
    [0, 0],
    [1, 0],
    [0, 2],
    [1, 2],
    [0, 4],
    [1, 4],
  ]);
});

test('a payload that cannot be sent, or is not what the event says, harms nobody', async () => {
  inRoom(node(0).hub, threadRoom(thread));
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (const payload of [circular, null, undefined, { message: null }, { n: 1n }]) {
    node(0).hub.fanout.publish(threadRoom(thread), 'new_message', payload as never);
  }
  await settle();
});

test('what nodes send each other is looked at before it is believed', async () => {
  for (const junk of [
    '{',
    '{}',
    'null',
    '[]',
    '{"from":3}',
    '{"from":"x","packet":{}}',
    '{"from":"x","packet":["announce",[null]]}',
    '[1,"x",null,[]]',
    '[1,"x",null,[["new_message","t",1]]]',
    '[1,"x",null,[["new_message","t","1"]]]\n{}',
    '[2,"x",null,[["new_message","t",1]]]\n{}',
  ]) {
    bus.publish('p#/#', junk);
    bus.publish(`p#/#t:${thread}#`, junk);
  }
  inRoom(node(0).hub, threadRoom(thread));
  await settle();
  const announce = (list: unknown) => bus.publish('p#/#', JSON.stringify({ from: 'x', packet: ['announce', list] }));
  announce(null);
  announce([{ id: 'a', kind: 'no such kind', body: 1 }]);
  announce([{ id: 'b', kind: 'heads', body: 7 }]);
  announce([{ id: 'c', kind: 'heads', body: [[thread, 'x'], null] }]);
  announce([null, { id: 'd', kind: 'ended', body: { sessions: ['s'], reason: 'r' } }]);
  const heard: string[] = [];
  node(0).hub.sessions.onEnded((ids) => heard.push(...ids));
  await settle();
  expect(heard).toEqual(['s']);
});

test('a head that did not pass by is made known to the room once, on each node that lags', async () => {
  for (const { hub } of hubs) {
    inRoom(hub, threadRoom(thread));
    hub.watch.opened(thread, 4);
  }
  node(0).hub.fanout.publish(threadRoom(thread), 'new_message', message(5));
  node(0).hub.fanout.reached(thread, 5);
  await settle();
  await clock.advance(40_000);
  expect([await resyncs(0), await resyncs(1)]).toEqual([0, 0]);
  node(1).channels.connected = false;
  node(0).hub.fanout.publish(threadRoom(thread), 'new_message', message(6));
  node(0).hub.fanout.reached(thread, 6);
  await settle();
  node(1).channels.connected = true;
  await clock.advance(40_000);
  expect([await resyncs(0), await resyncs(1)]).toEqual([0, 1]);
});

test('whom an actor told to catch up is not told again', async () => {
  inRoom(node(1).hub, threadRoom(thread));
  node(1).hub.watch.opened(thread, 4);
  node(0).hub.fanout.reached(thread, 9);
  node(0).hub.fanout.publish(threadRoom(thread), 'resync', { thread_id: thread, head_rev: 9 });
  await settle();
  await clock.advance(40_000);
  expect(await resyncs(1)).toBe(0);
});

test('an announcement that was lost is said again, and carried out once by each node', async () => {
  const heard: string[] = [];
  for (const [n, { hub }] of hubs.entries()) hub.sessions.onEnded((ids, reason) => heard.push(`${n} ${ids.join()} ${reason}`));
  node(1).channels.connected = false;
  node(0).hub.sessions.ended(['s1', 's2'], 'signed_out');
  await settle();
  expect(heard).toEqual(['0 s1,s2 signed_out']);
  node(1).channels.connected = true;
  await clock.advance(60_000);
  expect(heard).toEqual(['0 s1,s2 signed_out', '1 s1,s2 signed_out']);
});

test('a node that stops says once more what must arrive', async () => {
  const heard: string[] = [];
  node(1).hub.sessions.onEnded((ids) => heard.push(ids.join()));
  node(1).channels.connected = false;
  node(0).hub.sessions.ended(['s1'], 'signed_out');
  await settle();
  node(1).channels.connected = true;
  await node(0).hub.stop();
  await settle();
  expect(heard).toEqual(['s1']);
});

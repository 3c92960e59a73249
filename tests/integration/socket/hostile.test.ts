import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { idFromName } from '../../../src/kernel/ids.js';
import { bounds } from '../../../src/protocol/primitives.js';
import { until } from '../../until.js';
import { RawClient } from './raw-client.js';
import { type Client, World, type WorldNode } from './world.js';

let world: World;
let node: WorldNode;
let witness: Client;
const crashes: unknown[] = [];
const crashed = (error: unknown): void => void crashes.push(error);

beforeEach(async () => {
  crashes.length = 0;
  process.on('unhandledRejection', crashed);
  process.on('uncaughtException', crashed);
  world = new World();
  node = await world.addNode();
  witness = await world.client(node, 'witness');
});
afterEach(async () => {
  const thread_id = world.truth.thread('after');
  expect(await witness.get('join_thread', { thread_id })).toMatchObject({ complete: true });
  world.truth.commit(thread_id, witness.member, 'alive');
  await until('others still hear', () => witness.contents().includes('alive'));
  expect(witness.socket.connected).toBe(true);
  await world.stop();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', crashed);
  process.off('uncaughtException', crashed);
  expect(crashes).toEqual([]);
});

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const invalid = { ok: false, error: { code: 'validation_failed' } };

test('payloads of the wrong form are answered, whatever they are', async () => {
  const raw = await RawClient.member(node);
  const id = world.truth.thread('x');
  const frames = [
    '',
    '["send_message"]',
    '["send_message",null]',
    '["send_message",7]',
    '["send_message",[]]',
    '["send_message",{}]',
    '["send_message",{},{}]',
    `["leave_thread",{"thread_id":"${id}"},1]`,
    `["leave_thread",{"thread_id":"${id}","extra":1}]`,
    `["leave_thread",{"thread_id":"${id}","__proto__":{"x":1}}]`,
    `["leave_thread",{"thread_id":{"$ne":null}}]`,
    '["leave_thread",{"thread_id":"t:room"}]',
    '["join_room","t:secret"]',
    '["no such event",{}]',
    '["__proto__",{}]',
    '["constructor",{}]',
    '["toString",{}]',
    '["error",{}]',
    '["connection",{}]',
    '[7,{}]',
    '["refused frame"]',
    `["send_message",${nested(5_000)}]`,
    `["send_message",{"thread_id":"${id}","content":${nested(200_000)}}]`,
    `["send_message",{"content":"a","a":${'{"b":'.repeat(30)}1${'}'.repeat(30)}}]`,
    `["send_message",[${'1,'.repeat(20_000)}1]]`,
  ];
  for (const [n, frame] of frames.entries()) {
    raw.send(`42${n}${frame}`);
    const answer = await raw.answer(n);
    expect([frame.slice(0, 60), answer]).toMatchObject([frame.slice(0, 60), invalid]);
    expect(answer.error!.message).not.toMatch(/secret|no such event,|t:room/);
  }
  raw.send(`42999["leave_thread",{"thread_id":"${id}"}]`);
  expect(await raw.answer(999)).toEqual({ ok: true, data: {} });
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test('without an acknowledgement everything is carried out or dropped, and nothing is answered', async () => {
  const raw = await RawClient.member(node);
  const member = idFromName('member', 'mallory');
  world.truth.members.add(member);
  const thread_id = world.truth.thread('no ack');
  for (const frame of ['["no such event"]', '["send_message"]', `["send_message",${nested(5_000)}]`, '["error"]']) raw.send(`42${frame}`);
  raw.send(`42${JSON.stringify(['send_message', { thread_id, content: 'silently', nonce: 'n' }])}`);
  await until('it is stored', () => world.truth.threads.get(thread_id)!.length === 1);
  expect(raw.frames).toHaveLength(2);
  expect(raw.closed).toBe(false);
});

test('binary is refused with an answer, and its attachments are swallowed', async () => {
  const raw = await RawClient.member(node);
  raw.send('4521-7["send_message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'.replace('4521-', '452-'));
  raw.send(new Uint8Array([1, 2, 3]));
  raw.send(new Uint8Array(100_000));
  expect(await raw.answer(7)).toMatchObject(invalid);
  raw.send('451-["typing",{"_placeholder":true,"num":0}]');
  raw.send(new Uint8Array([1]));
  raw.send(`428["leave_thread",{"thread_id":"${world.truth.thread('x')}"}]`);
  expect(await raw.answer(8)).toEqual({ ok: true, data: {} });
});

test('an official client that sends a Buffer gets an answer too', async () => {
  expect(await witness.ask('send_message', { content: Buffer.from('x') })).toMatchObject(invalid);
  expect(await witness.ask('send_message', new Uint8Array(10), 5)).toMatchObject(invalid);
});

test('frames that are no packets end that connection alone', async () => {
  const broken = [
    '4',
    '49',
    '4zzz',
    '42{',
    '42["send_message"',
    '42null',
    '42"x"',
    '45["x"]',
    '450-["x"]',
    '4511-["x"]',
    '4599999999999-["x"]',
    '45-1["x"]',
    '42/other,["x"]',
    '40{"token":"again"}',
    '44{"message":"x"}',
    `43${nested(5_000)}`,
    `40${nested(5_000)}`,
    '42["connect"]',
    '42["disconnect"]',
    '42["newListener"]',
    new Uint8Array([1, 2, 3]),
  ];
  for (const frame of broken) {
    const raw = await RawClient.member(node);
    raw.send(frame);
    await until(`${String(frame).slice(0, 40)} closes it`, () => raw.closed);
  }
  for (const frame of ['42', '431[1]', '43["x"]', '43999999999999999999[]']) {
    const raw = await RawClient.member(node);
    raw.send(frame);
    raw.send(`421["leave_thread",{"thread_id":"${world.truth.thread('x')}"}]`);
    expect(await raw.answer(1)).toEqual({ ok: true, data: {} });
    raw.close();
  }
  const announced = await RawClient.member(node);
  announced.send('451-["x"]');
  announced.send('42["x"]');
  await until('text in place of an attachment closes it', () => announced.closed);
});

test('before it has signed in, a connection can do nothing', async () => {
  for (const frame of ['42["send_message",{}]', '421["x"]', '451-["x"]', '41', '43[]', `40${nested(100)}`]) {
    const raw = await RawClient.open(node);
    raw.send(frame);
    await until(`${frame.slice(0, 30)} closes it`, () => raw.closed);
  }
});

test('a frame of the limit passes, one byte more ends that connection alone', async () => {
  const frame = (bytes: number): string => {
    const [head, tail] = ['421["send_message",{"content":"', '"}]'];
    return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
  };
  const allowed = await RawClient.member(node);
  allowed.send(frame(bounds.frameBytes));
  expect(await allowed.answer(1)).toMatchObject(invalid);
  const over = await RawClient.member(node);
  over.send(frame(bounds.frameBytes + 1));
  await until('it is closed', () => over.closed);
  const polled = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`);
  const { sid } = JSON.parse((await polled.text()).slice(1)) as { sid: string };
  const body = '4'.repeat(bounds.frameBytes + 1);
  const answer = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: 'POST', body }).catch(() => null);
  expect(answer?.status ?? 413).toBe(413);
});

test('a flood of events, with and without acknowledgement, is bounded', async () => {
  const raw = await RawClient.member(node);
  world.truth.members.add(idFromName('member', 'mallory'));
  const thread_id = world.truth.thread('flood');
  let release = (): void => undefined;
  world.truth.beforeOpen = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const payload = JSON.stringify(['join_thread', { thread_id }]);
  for (let n = 0; n < 3_000; n++) raw.send(n % 2 ? `42${n}${payload}` : `42${payload}`);
  await until('the rest is refused', () => raw.frames.filter((f) => f.includes('"overloaded"')).length >= 1_400);
  world.truth.beforeOpen = undefined;
  release();
  for (let n = 0; n < 3_000; n++) raw.send('42["junk",{}]');
  raw.close();
});

test('one connection is in a bounded number of rooms', async () => {
  const client = await world.client(node, 'ada');
  const thread = (n: number): string => world.truth.thread(`many ${n}`);
  for (let n = 0; n < 500; n++) await client.get('join_thread', { thread_id: thread(n) });
  expect(await client.ask('join_thread', { thread_id: thread(500) })).toMatchObject({ ok: false, error: { code: 'overloaded' } });
  await client.get('leave_thread', { thread_id: thread(0) });
  await client.get('join_thread', { thread_id: thread(500) });
});

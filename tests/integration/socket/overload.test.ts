import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Overload } from '../../../src/gateway/limits/overload.js';
import type { Load } from '../../../src/gateway/limits/shedding.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { communityRoom, threadRoom } from '../../../src/protocol/rooms.js';
import { type Person, RestHouse } from '../../unit/gateway/rest-house.js';
import { until } from '../../until.js';
import { type Client, World, type WorldNode } from './world.js';

/** Both doors under a load that the test steers. */
let clock: FakeClock;
let load: Load;
let world: World;
let node: WorldNode;
let house: RestHouse;
let ada: Person;
let client: Client;
let other: Client;
let thread_id: string;

const reachLevel = async (level: number): Promise<void> => {
  load = { loopDelayMs: [0, 250, 400, 700, 1_200, 2_000][level]!, waiting: 0, commitMs: 0 };
  await clock.advance(level === 0 ? 20_000 : 2_500);
};

beforeEach(async () => {
  clock = new FakeClock();
  load = { loopDelayMs: 0, waiting: 0, commitMs: 0 };
  const overload = new Overload({
    load: () => load,
    clock,
    telemetry: new Telemetry(),
    logger: createLogger({ level: 'silent', node: 'test' }),
  });
  overload.start();
  world = new World();
  node = await world.addNode({ shedder: overload });
  house = await RestHouse.open({ shedder: overload });
  ada = await house.person('ada');
  client = await world.client(node, 'ada');
  other = await world.client(node, 'bob');
  thread_id = world.truth.thread('x');
  for (const one of [client, other]) {
    await one.get('join_thread', { thread_id });
    await one.get('join_community', { community_id: world.truth.communityId });
  }
});
afterEach(async () => {
  await world.stop();
  await house.close();
});

/** How each kind of work is answered at both doors. */
const ask = async (): Promise<Record<string, string>> => {
  const answers: Record<string, string> = {};
  const rest = async (name: string, method: string, path: string, body?: object): Promise<void> => {
    const answer = await house.ask(method, path, { by: ada, ...(body && { body }) });
    answers[name] = answer.status === 503 ? String(answer.body.code) : answer.status < 300 ? 'ok' : `${answer.status}`;
    if (answer.status !== 503) return;
    expect(Number(answer.body.retry_after_ms)).toBeGreaterThanOrEqual(500);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  };
  const socket = async (event: string, payload: object): Promise<void> => {
    const answer = await client.ask(event, payload);
    answers[event] = answer.ok ? 'ok' : answer.error.code;
    if (!answer.ok) expect(answer.error.retry_after_ms).toBeGreaterThanOrEqual(500);
  };
  await socket('typing', { thread_id });
  await socket('set_presence', { state: 'idle' });
  await rest('search', 'GET', '/api/messages/search?q=hello');
  await rest('history', 'GET', '/api/communities');
  await socket('join_thread', { thread_id });
  await socket('sync_thread', { thread_id, after_rev: 0 });
  await rest('login', 'POST', '/api/auth/login', { login: 'ada', password: 'wrong password here' });
  const newcomer = world.dial(node, { token: 'm:s' });
  answers.connect = await new Promise((resolve) => {
    newcomer.once('connect', () => resolve('ok'));
    newcomer.once('connect_error', (error) => resolve(String((error as { data?: { code?: string } }).data?.code)));
  });
  newcomer.disconnect();
  await socket('send_message', { thread_id, content: 'x', nonce: `${Math.random()}` });
  await rest('create', 'POST', '/api/communities', { name: 'c' });
  await socket('leave_thread', { thread_id: world.truth.thread('y') });
  expect((await house.ask('GET', '/healthz')).status).toBe(200);
  return answers;
};

const inOrder = [
  ['typing', 'set_presence'],
  ['search'],
  ['history'],
  ['join_thread', 'sync_thread', 'login', 'connect'],
  ['send_message', 'create'],
];

test.each([0, 1, 2, 3, 4, 5])('at level %i only what is due is refused, at both doors', async (level) => {
  await reachLevel(level);
  const answers = await ask();
  const shed = Object.keys(answers).filter((name) => answers[name] === 'overloaded');
  expect(shed.sort()).toEqual(inOrder.slice(0, level).flat().sort());
  const others = Object.entries(answers).filter(([name]) => !shed.includes(name));
  expect(others.filter(([name, answer]) => answer !== (name === 'login' ? '401' : 'ok'))).toEqual([]);
  await reachLevel(0);
  expect((await ask()).typing).toBe('ok');
});

test('signals are not published meanwhile, and the newest presence of each follows', async () => {
  await reachLevel(1);
  const presence = (text: string): void =>
    node.hub.fanout.publish(communityRoom(world.truth.communityId), 'presence', {
      member_id: client.member,
      presence: { state: 'online', text, last_active_at: null },
    });
  node.hub.fanout.publish(threadRoom(thread_id), 'typing', { thread_id, member_id: client.member });
  presence('first');
  presence('second');
  world.truth.commit(thread_id, client.member, 'x');
  await until('messages are published', () => other.contents().length === 1);
  expect([other.events('typing'), other.events('presence')]).toEqual([[], []]);
  await reachLevel(0);
  await until('presence follows', () => other.events('presence').length === 1);
  expect(other.events('presence')).toMatchObject([{ presence: { text: 'second' } }]);
  expect(other.events('typing')).toEqual([]);
});

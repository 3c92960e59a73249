import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Connection } from '../../../src/client/connection.js';
import { Endpoints } from '../../../src/client/endpoints.js';
import { dialSocketIo } from '../../../src/client/wire.js';
import { AccessTokens } from '../../../src/gateway/auth/access-tokens.js';
import { TokenAuthenticator } from '../../../src/gateway/auth/authenticator.js';
import { SessionLiveness } from '../../../src/gateway/auth/liveness.js';
import type { Authenticator } from '../../../src/gateway/ports.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { LocalBroadcast, memberRecord, secret } from '../../unit/gateway/people.js';
import { until } from '../../until.js';
import { Client, World, type WorldNode } from './world.js';

/** Everybody comes back at once, as after the loss of a node, by the real client and the real look at tokens and sessions. */
const crowd = 1_000;

let world: World;
let node: WorldNode;
let reads: number;
let underWay: number;
let most: number;
let open: () => void;
let gate: Promise<void>;
const connections: Connection[] = [];
const access = new AccessTokens({ secret, previousSecret: null, seconds: 900, clock: systemClock });

/** A busy store: an answer takes 50 ms, and none comes before the gate is open. */
const slowly = async <T>(read: () => Promise<T>): Promise<T> => {
  reads++;
  most = Math.max(most, ++underWay);
  await gate;
  await systemClock.sleep(50);
  try {
    return await read();
  } finally {
    underWay--;
  }
};

const tokens: string[] = [];
const tokenOf = (n: number): string => tokens[n]!;

const prepare = async (): Promise<Authenticator> => {
  const store = createMemoryStore({ clock: systemClock });
  for (let n = 0; n < crowd + 1; n++) {
    const member = memberRecord(`m${n}`, { id: idFromName('member', `${n}`) });
    const id = idFromName('session', `${n}`);
    await store.members.insert(member);
    await store.sessions.insert({
      ...{
        id,
        member_id: member.id,
        created_at: 0,
        last_used_at: 0,
        expires_at: Number.MAX_SAFE_INTEGER,
        ends_at: Number.MAX_SAFE_INTEGER,
      },
      ...{ user_agent: null, ip: null, ended_at: null, refresh_hash: `${n}`, used_hashes: [] },
    } as never);
    tokens[n] = access.sign({ member_id: member.id, session_id: id }).access_token;
  }
  const liveness = new SessionLiveness({
    store: {
      sessions: { byId: (id: string) => slowly(() => store.sessions.byId(id)) } as never,
      members: { byId: (id: string) => slowly(() => store.members.byId(id)) } as never,
    },
    broadcast: new LocalBroadcast(),
    clock: systemClock,
    tokenSeconds: 900,
  });
  return new TokenAuthenticator(access, liveness, []);
};

beforeEach(async () => {
  [reads, underWay, most] = [0, 0, 0];
  gate = new Promise((resolve) => {
    open = resolve;
  });
  world = new World();
  node = await world.addNode({ authenticator: await prepare() });
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.stop();
  await world.stop();
});

const come = (n: number): Connection => {
  const connection = new Connection({
    endpoints: new Endpoints([node.url]),
    clock: systemClock,
    random: Math.random,
    dial: dialSocketIo,
    token: async () => tokenOf(n),
    refresh: async () => Promise.reject(new Error('no token was refused')),
  });
  connections.push(connection);
  connection.start();
  return connection;
};

test('of a crowd that comes at once all get in, a few at a time, while those who are in go on', async () => {
  open();
  const thread_id = world.truth.thread('x');
  const member = idFromName('member', `${crowd}`);
  world.truth.members.add(member);
  const socket = world.dial(node, { token: tokenOf(crowd) });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const insider = new Client(socket, member, 'in');
  await insider.get('join_thread', { thread_id });

  const all = Array.from({ length: crowd }, (_x, n) => come(n));
  let sent = 0;
  const isIn = (): boolean => all.every((connection) => connection.state.phase === 'online');
  while (!isIn()) {
    await insider.get('send_message', { thread_id, content: 'on', nonce: `n${sent++}` });
    await systemClock.sleep(50);
    if (sent > 600) throw new Error(`${all.filter((c) => c.state.phase !== 'online').length} of the crowd never got in`);
  }
  expect(node.sockets.sockets).toBe(crowd + 1);
  await until('the insider has heard all it sent', () => insider.contents().length === sent);
  // Two reads each, once, however often they came; and never more at once than may be looked at.
  expect(reads).toBe(2 * (crowd + 1));
  expect(most).toBeLessThanOrEqual(256);
});

test('who finds no place is told at once when to come back, each another time', async () => {
  const refusals: { code?: string; retry_after_ms?: number }[] = [];
  const sockets = Array.from({ length: 924 }, (_x, n) => world.dial(node, { token: tokenOf(n) }));
  for (const socket of sockets) socket.on('connect_error', (error) => refusals.push((error as { data?: object }).data ?? {}));
  // 256 that are looked at, 512 that wait.
  await until('the rest is refused', () => refusals.length === 156);
  expect(refusals.every((r) => r.code === 'overloaded' && (r.retry_after_ms ?? 0) > 0)).toBe(true);
  const times = refusals.map((r) => r.retry_after_ms ?? 0);
  expect(new Set(times).size).toBeGreaterThan(50);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(100);
  open();
  await until('the others get in', () => node.sockets.sockets === 768);
});

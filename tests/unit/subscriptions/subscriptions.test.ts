import { beforeEach, expect, test } from '@jest/globals';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import type { ActorSystem, Address } from '../../../src/actors/runtime/actor.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import { Catalogue } from '../../../src/catalogue/catalogue.js';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { subscriptions } from '../../../src/features/subscriptions/feature.js';
import { Joining } from '../../../src/gateway/socket/joining.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { ThreadDirectory } from '../../../src/gateway/thread-directory.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { anAccess } from '../../access.js';

const caller: Caller = {
  member_id: 'm',
  session_id: 's',
  is_admin: false,
  token_expires_at: Number.MAX_SAFE_INTEGER,
  address: 'a',
  request_id: 'r',
};
const catalogue = new Catalogue([subscriptions]);
let log: string[];
let asked: { to: Address; message: unknown }[];
let access: Access;
let open: () => Promise<unknown>;
let reads: number;
let subscriber: Subscriber;
let joining: Joining;
let ports: FeaturePorts;

beforeEach(() => {
  log = [];
  asked = [];
  access = anAccess({ is_public: true, role: 'member' });
  open = async () => ({ thread: {}, head_rev: 7 });
  reads = 0;
  const records: Record<string, { community_id: string; deleted_at: number | null }> = {
    t: { community_id: 'c', deleted_at: null },
    gone: { community_id: 'c', deleted_at: 1 },
  };
  subscriber = new Subscriber(
    { id: 'x', join: (room) => void log.push(`join ${room}`), leave: (room) => void log.push(`leave ${room}`), give: () => undefined },
    caller,
  );
  const actors: ActorSystem = {
    tell: () => undefined,
    ask: (async (to: Address, message: { type: string }) => {
      log.push(message.type);
      asked.push({ to, message });
      if (message.type === 'access') return access;
      return message.type === 'open' ? open() : { id: 'c' };
    }) as never,
  };
  const threads = new ThreadDirectory({
    byId: async (id) => {
      reads++;
      return (records[id] ?? null) as never;
    },
  });
  ports = { actors, communityOf: (id: string) => threads.communityOf(id) } as unknown as FeaturePorts;
  joining = new Joining({
    clock: new FakeClock(),
    effective: async () => {
      log.push('effective');
      return true;
    },
    opened: (threadId, head) => void log.push(`opened ${threadId} ${head}`),
  });
});

const ask = (name: string, input: Record<string, unknown>): Promise<unknown> =>
  catalogue.byName(name)!.run({
    ...{ caller, input, ports, connection: joining.connectionOf(subscriber), arrivedAt: 0 },
    origin: { address: 'a', request_id: 'r', user_agent: null },
    again: () => undefined,
    told: () => caller,
  });
const join = (thread_id = 't') => ask('join_thread', { thread_id });
const joinCommunity = () => ask('join_community', { community_id: 'c' });

test('a thread: asks, subscribes, waits for the subscription, then reads', async () => {
  expect(await join()).toMatchObject({ head_rev: 7 });
  expect(log).toEqual(['access', 'join t:t', 'effective', 'open', 'opened t 7']);
});

test('a community likewise', async () => {
  expect(await joinCommunity()).toEqual({ community: { id: 'c' } });
  expect(log).toEqual(['access', 'join c:c', 'effective', 'get']);
});

test('the rev that is known already is handed on', async () => {
  await join();
  await ask('join_thread', { thread_id: 't', after_rev: 4 });
  const to = { kind: 'thread', key: 't' };
  expect(asked.filter((one) => one.to.kind === 'thread')).toEqual([
    { to, message: { type: 'open', by: 'm' } },
    { to, message: { type: 'open', by: 'm', after_rev: 4 } },
  ]);
});

test.each([
  ['a stranger of a public community', { is_public: true, role: null }, 'forbidden'],
  ['a stranger of a private one', { is_public: false, role: null }, 'not_found'],
  ['a banned one', { is_public: true, role: null, is_banned: true }, 'forbidden'],
] as const)('%s gets into no room', async (_who, standing, code) => {
  access = anAccess(standing);
  await expect(join()).rejects.toMatchObject({ code });
  await expect(joinCommunity()).rejects.toMatchObject({ code });
  expect(log).toEqual(['access', 'access']);
});

test('a thread that is not there is not_found, without asking anybody', async () => {
  await expect(join('nothing')).rejects.toMatchObject({ code: 'not_found' });
  await expect(join('gone')).rejects.toMatchObject({ code: 'not_found' });
  expect(log).toEqual([]);
});

test('the thread’s community is looked up once', async () => {
  await join();
  await join();
  expect(reads).toBe(1);
});

test('what the actor refuses is left again, and nothing is said of its head', async () => {
  open = () => Promise.reject(new Fault('forbidden'));
  await expect(join()).rejects.toMatchObject({ code: 'forbidden' });
  expect(log.slice(-2)).toEqual(['open', 'leave t:t']);
});

test('who leaves is in no room, and asks nobody for it', async () => {
  await join();
  await joinCommunity();
  log = [];
  expect([await ask('leave_thread', { thread_id: 't' }), await ask('leave_community', { community_id: 'c' })]).toEqual([{}, {}]);
  expect([log, subscriber.rooms]).toEqual([['leave t:t', 'leave c:c'], 0]);
});

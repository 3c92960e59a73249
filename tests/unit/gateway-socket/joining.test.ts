import { beforeEach, expect, test } from '@jest/globals';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import type { ActorSystem } from '../../../src/actors/runtime/actor.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import { Joining } from '../../../src/gateway/socket/joining.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { ThreadDirectory } from '../../../src/gateway/thread-directory.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';

const caller: Caller = {
  member_id: 'm',
  session_id: 's',
  is_admin: false,
  token_expires_at: Number.MAX_SAFE_INTEGER,
  address: 'a',
  request_id: 'r',
};
let log: string[];
let access: Partial<Access>;
let effective: () => Promise<boolean>;
let open: () => Promise<unknown>;
let records: Record<string, { community_id: string; deleted_at: number | null }>;
let reads: number;
let subscriber: Subscriber;
let joining: Joining;

beforeEach(() => {
  log = [];
  access = { is_public: true, role: 'member' };
  effective = async () => true;
  open = async () => ({ head_rev: 7 });
  records = {
    t: { community_id: 'c', deleted_at: null },
    u: { community_id: 'c', deleted_at: null },
    gone: { community_id: 'c', deleted_at: 1 },
  };
  reads = 0;
  subscriber = new Subscriber(
    { id: 'x', join: (room) => void log.push(`join ${room}`), leave: (room) => void log.push(`leave ${room}`) },
    caller,
    2,
  );
  const actors: ActorSystem = {
    tell: () => undefined,
    ask: (async (_to: unknown, message: { type: string }) => {
      log.push(message.type);
      return message.type === 'access' ? access : { id: 'c' };
    }) as never,
  };
  joining = new Joining({
    clock: new FakeClock(),
    actors,
    threads: new ThreadDirectory({
      byId: async (id) => {
        reads++;
        return (records[id] ?? null) as never;
      },
    }),
    messages: {
      open: (async () => {
        log.push('open');
        return open();
      }) as never,
    },
    effective: async () => {
      log.push('effective');
      return effective();
    },
    opened: (threadId, head) => void log.push(`opened ${threadId} ${head}`),
  });
});

const join = (thread_id = 't') => joining.thread(subscriber, caller, { thread_id });
const gate = () => {
  let release!: (value: unknown) => void;
  const wait = new Promise((resolve) => {
    release = resolve;
  });
  return { wait, release };
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('asks, subscribes, waits for the subscription, then reads', async () => {
  expect(await join()).toEqual({ head_rev: 7 });
  expect(log).toEqual(['access', 'join t:t', 'effective', 'open', 'opened t 7']);
  log = [];
  await joining.community(subscriber, caller, 'c');
  expect(log).toEqual(['access', 'join c:c', 'effective', 'get']);
});

test.each([
  ['a stranger of a public community', { is_public: true, role: null }, 'forbidden'],
  ['a stranger of a private one', { is_public: false, role: null }, 'not_found'],
  ['a banned one', { is_public: true, role: null, is_banned: true }, 'forbidden'],
] as const)('%s gets into no room', async (_who, standing, code) => {
  access = standing;
  await expect(join()).rejects.toMatchObject({ code });
  await expect(joining.community(subscriber, caller, 'c')).rejects.toMatchObject({ code });
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

test.each(['forbidden', 'not_found', 'timeout', 'unavailable'] as const)(
  'when reading fails with %s the room is left again',
  async (code) => {
    open = () => Promise.reject(new Fault(code));
    await expect(join()).rejects.toMatchObject({ code });
    expect(log.slice(-2)).toEqual(['open', 'leave t:t']);
    expect(subscriber.rooms).toBe(0);
  },
);

test('when the subscription does not take effect the room is left again', async () => {
  effective = async () => false;
  await expect(join()).rejects.toMatchObject({ code: 'unavailable', retry_after_ms: expect.any(Number) });
  expect(log.at(-1)).toBe('leave t:t');
});

test('who was taken out while reading is not told that all is well', async () => {
  const { wait, release } = gate();
  open = () => wait;
  const joined = join();
  await turn();
  subscriber.leaveCommunity('c');
  release({ head_rev: 7 });
  await expect(joined).rejects.toMatchObject({ code: 'conflict' });
  expect(log.filter((l) => l.startsWith('leave'))).toEqual(['leave t:t']);
});

test('a failed second join does not end the first, unless one may no longer be there', async () => {
  await join();
  open = () => Promise.reject(new Fault('timeout'));
  await expect(join()).rejects.toMatchObject({ code: 'timeout' });
  expect(subscriber.rooms).toBe(1);
  open = () => Promise.reject(new Fault('forbidden'));
  await expect(join()).rejects.toMatchObject({ code: 'forbidden' });
  expect(subscriber.rooms).toBe(0);
});

test('of two joins at once, the one that fails does not end the one that succeeds', async () => {
  const [first, second] = [gate(), gate()];
  const answers = [first, second];
  open = () => answers.shift()!.wait;
  const joins = [join(), join()];
  await turn();
  first.release(Promise.reject(new Fault('timeout')));
  await expect(joins[0]).rejects.toMatchObject({ code: 'timeout' });
  second.release({ head_rev: 1 });
  await joins[1];
  expect(subscriber.rooms).toBe(1);
});

test('one connection is in a bounded number of rooms', async () => {
  await join('t');
  await join('u');
  await expect(joining.community(subscriber, caller, 'c')).rejects.toMatchObject({ code: 'overloaded' });
  subscriber.leave('t:t');
  await joining.community(subscriber, caller, 'c');
  expect([...subscriber.communities()]).toEqual(['c']);
});

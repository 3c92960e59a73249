import { beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/catalogue/caller.js';
import { Joining } from '../../../src/gateway/socket/joining.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
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
let place: () => Promise<string>;
let effective: () => Promise<boolean>;
let read: () => Promise<unknown>;
let subscriber: Subscriber;
let joining: Joining;

beforeEach(() => {
  log = [];
  place = async () => 'c';
  effective = async () => true;
  read = async () => ({ head_rev: 7 });
  subscriber = new Subscriber(
    { id: 'x', join: (room) => void log.push(`join ${room}`), leave: (room) => void log.push(`leave ${room}`), give: () => undefined },
    caller,
    2,
  );
  joining = new Joining({
    clock: new FakeClock(),
    effective: async () => {
      log.push('effective');
      return effective();
    },
    opened: (threadId, head) => void log.push(`opened ${threadId} ${head}`),
  });
});

const join = (room = 't:t') =>
  joining.connectionOf(subscriber).subscribe({
    room,
    place: () => {
      log.push('place');
      return place();
    },
    read: () => {
      log.push('read');
      return read();
    },
  });
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
  expect(log).toEqual(['place', 'join t:t', 'effective', 'read']);
  log = [];
  await join('c:c');
  expect(log).toEqual(['place', 'join c:c', 'effective', 'read']);
});

test('what was answered of a thread is passed on', () => {
  joining.connectionOf(subscriber).opened('t', 7);
  expect(log).toEqual(['opened t 7']);
});

test('a room of no community is lost with none', async () => {
  place = async () => '';
  await join('l:me:m');
  place = async () => 'c';
  await join();
  expect([[...subscriber.followed()], [...subscriber.communities()]]).toEqual([['c'], ['c']]);
  subscriber.leaveCommunity('c');
  expect([subscriber.isIn('l:me:m'), subscriber.rooms]).toEqual([true, 1]);
});

test('a room that is left takes the connection out of it', async () => {
  await join();
  joining.connectionOf(subscriber).leave('t:t');
  expect([log.at(-1), subscriber.rooms]).toEqual(['leave t:t', 0]);
});

test.each(['forbidden', 'not_found'] as const)('who is refused a place with %s gets into no room', async (code) => {
  place = () => Promise.reject(new Fault(code));
  await expect(join()).rejects.toMatchObject({ code });
  await expect(join('c:c')).rejects.toMatchObject({ code });
  expect(log).toEqual(['place', 'place']);
  expect(subscriber.rooms).toBe(0);
});

test.each(['forbidden', 'not_found', 'timeout', 'unavailable'] as const)(
  'when reading fails with %s the room is left again',
  async (code) => {
    read = () => Promise.reject(new Fault(code));
    await expect(join()).rejects.toMatchObject({ code });
    expect(log.slice(-2)).toEqual(['read', 'leave t:t']);
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
  read = () => wait;
  const joined = join();
  await turn();
  subscriber.leaveCommunity('c');
  release({ head_rev: 7 });
  await expect(joined).rejects.toMatchObject({ code: 'conflict' });
  expect(log.filter((l) => l.startsWith('leave'))).toEqual(['leave t:t']);
});

test('a failed second join does not end the first, unless one may no longer be there', async () => {
  await join();
  read = () => Promise.reject(new Fault('timeout'));
  await expect(join()).rejects.toMatchObject({ code: 'timeout' });
  expect(subscriber.rooms).toBe(1);
  read = () => Promise.reject(new Fault('forbidden'));
  await expect(join()).rejects.toMatchObject({ code: 'forbidden' });
  expect(subscriber.rooms).toBe(0);
});

test('of two joins at once, the one that fails does not end the one that succeeds', async () => {
  const [first, second] = [gate(), gate()];
  const answers = [first, second];
  read = () => answers.shift()!.wait;
  const joins = [join(), join()];
  await turn();
  first.release(Promise.reject(new Fault('timeout')));
  await expect(joins[0]).rejects.toMatchObject({ code: 'timeout' });
  second.release({ head_rev: 1 });
  await joins[1];
  expect(subscriber.rooms).toBe(1);
});

test('one connection is in a bounded number of rooms', async () => {
  await join('t:t');
  await join('t:u');
  await expect(join('c:c')).rejects.toMatchObject({ code: 'overloaded' });
  subscriber.leave('t:t');
  await join('c:c');
  expect([...subscriber.communities()]).toEqual(['c']);
});

test('joins beyond a bounded crowd are refused at once', async () => {
  const { wait, release } = gate();
  effective = () => wait as Promise<boolean>;
  const bold = new Subscriber({ id: 'y', join: () => undefined, leave: () => undefined, give: () => undefined }, caller, 10_000);
  const ask = (n: number) => joining.connectionOf(bold).subscribe({ room: `t:${n}`, place: async () => 'c', read: async () => n });
  const crowd = Array.from({ length: 256 + 4_096 }, (_, n) => ask(n));
  await expect(ask(crowd.length)).rejects.toMatchObject({ code: 'overloaded' });
  release(true);
  expect(await Promise.all(crowd)).toHaveLength(crowd.length);
});

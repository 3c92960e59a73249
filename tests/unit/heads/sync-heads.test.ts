import { beforeEach, expect, test } from '@jest/globals';
import type { Bound } from '../../../src/catalogue/bound.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import { heads } from '../../../src/features/heads/feature.js';
import { marginMs } from '../../../src/features/heads/heads.js';
import { Joining } from '../../../src/gateway/socket/joining.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Store, ThreadRecord } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { aCommunity, aMembership, anId, aThread } from '../../conformance/store/records.js';

interface Answer {
  heads: { thread_id: string; community_id: string; last_seq: number; last_activity: string }[];
  at: string;
  next_cursor: string | null;
}

const me = anId();
const caller: Caller = {
  ...{ member_id: me, session_id: 's', is_admin: false, token_expires_at: Number.MAX_SAFE_INTEGER },
  ...{ address: 'a', request_id: 'r' },
};
let clock: FakeClock;
let store: Store;
let calls: string[];
let log: string[];
let subscriber: Subscriber;
let joining: Joining;
let effective: () => Promise<boolean>;

beforeEach(() => {
  clock = new FakeClock();
  store = createMemoryStore({ clock });
  calls = [];
  log = [];
  effective = async () => true;
  subscriber = new Subscriber(
    { id: 'x', join: (room) => void log.push(`join ${room}`), leave: (room) => void log.push(`leave ${room}`), give: () => undefined },
    caller,
    1,
  );
  joining = new Joining({ clock, effective: () => effective(), opened: () => undefined });
});

const ask = async (input: Record<string, unknown> = {}, isConnected = false): Promise<Answer> => {
  const bound = heads.operations[0] as unknown as Bound;
  const connection = isConnected ? joining.connectionOf(subscriber) : undefined;
  return (await bound.run({ caller, input: bound.operation.input.parse(input), ports: { store, clock }, connection } as never)) as Answer;
};
const join = async (state: 'active' | 'left' = 'active', fields: Partial<Parameters<typeof aCommunity>[0]> = {}): Promise<string> => {
  const community = aCommunity(fields);
  await store.communities.insert(community);
  await store.memberships.put(aMembership({ community_id: community.id, member_id: me, state, version: 1 }));
  return community.id;
};
const begin = async (community_id: string, secondsAgo: number, more: Partial<ThreadRecord> = {}): Promise<string> => {
  const thread = aThread({ community_id, last_activity: clock.now() - secondsAgo * 1_000, last_seq: 7, ...more });
  await store.threads.insert(thread);
  return thread.id;
};
const ids = ({ heads: found }: Answer): string[] => found.map(({ thread_id }) => thread_id);
const closedTo = (community_id: string, ...allowed: string[]): Partial<ThreadRecord> => ({
  overrides: [
    { subject: `role:${community_id}`, allow: [], deny: ['view'] },
    ...allowed.map((id) => ({ subject: `member:${id}` as const, allow: ['view' as const], deny: [] })),
  ],
});

test('where all threads stand that one may view, in all of one’s communities and in no others, latest activity first', async () => {
  const [one, two, left] = [await join(), await join(), await join('left')];
  const gone = await join('active', { deleted_at: 1 });
  const foreign = aCommunity();
  await store.communities.insert(foreign);
  const seen = [await begin(two, 1), await begin(one, 2, closedTo(one, me)), await begin(one, 3)];
  await begin(one, 1, closedTo(one, anId()));
  await begin(one, 1, { deleted_at: 1 });
  for (const id of [left, foreign.id, gone]) await begin(id, 1);
  const answer = await ask();
  expect(ids(answer)).toEqual(seen);
  expect(answer.heads[0]).toEqual({
    ...{ thread_id: seen[0], community_id: two, last_seq: 7 },
    last_activity: new Date(clock.now() - 1_000).toISOString(),
  });
  expect(answer.next_cursor).toBeNull();
});

test('`at` lies behind by what figures and clocks may lag; asked with it, what has moved since comes, and that alone', async () => {
  const community = await join();
  await begin(community, 3_600);
  const { at } = await ask();
  expect(Date.parse(at)).toBe(clock.now() - marginMs);
  // Said before the answer, and stored after it.
  const late = await begin(community, marginMs / 1_000);
  await clock.advance(60_000);
  const moved = await begin(community, 0);
  expect(ids(await ask({ since: at }))).toEqual([moved, late]);
});

test('pages are of one question: the same `at`, and none twice; without `since` they end after the newest thousand', async () => {
  const community = await join();
  for (let n = 0; n < 1_005; n++) await begin(community, n);
  const all: string[] = [];
  const ats = new Set<string>();
  let cursor: string | null = null;
  do {
    const page: Answer = await ask({ limit: 300, ...(cursor && { cursor }) });
    all.push(...ids(page));
    ats.add(page.at);
    cursor = page.next_cursor;
    await clock.advance(1_000);
  } while (cursor);
  expect([all.length, new Set(all).size, ats.size]).toEqual([1_000, 1_000, 1]);
  let since: Answer = await ask({ since: new Date(0).toISOString() });
  expect(since.heads).toHaveLength(500);
  let count = 500;
  while (since.next_cursor) {
    since = await ask({ cursor: since.next_cursor });
    count += since.heads.length;
  }
  expect(count).toBe(1_005);
});

test('it costs three reads of the store, whatever the number of communities and threads', async () => {
  for (let n = 0; n < 20; n++) for (const at of [1, 2, 3]) await begin(n === 0 || at === 1 ? await join() : anId(), at);
  for (const [name, repository] of Object.entries(store)) {
    if (typeof repository !== 'object') continue;
    const proxy = new Proxy(repository as object, {
      get: (target, call) => {
        calls.push(`${name}.${String(call)}`);
        const own: unknown = Reflect.get(target, call);
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
    Object.assign(store, { [name]: proxy });
  }
  await ask();
  expect(calls).toEqual(['memberships.listByMember', 'communities.byIds', 'threads.heads']);
});

test('through a connection it subscribes first and reads after, beside the bound on what a connection follows', async () => {
  const [one, two] = [await join(), await join()];
  subscriber.enter('t:t', 'c').grant();
  effective = async () => {
    // Said while the subscription takes effect.
    await begin(one, 0);
    return true;
  };
  expect((await ask({}, true)).heads).toHaveLength(2);
  expect(log).toEqual(['join t:t', `join h:${one}`, `join h:${two}`]);
  for (const id of [one, two]) expect(subscriber.isGranted(`h:${id}`)).toBe(true);
  expect(() => subscriber.enter('t:u', 'c')).toThrow('at most 1 ');
});

test('asked again it joins what has come since, and leaves what one does not belong to any more', async () => {
  const one = await join();
  await ask({}, true);
  const two = await join();
  const membership = await store.memberships.get(one, me);
  await store.memberships.put({ ...membership!, state: 'left', version: 2 });
  log.length = 0;
  await ask({}, true);
  expect(log).toEqual([`join h:${two}`, `leave h:${one}`]);
  log.length = 0;
  await ask({}, true);
  expect(log).toEqual([]);
});

test('who loses their place while it is being made hears nothing of it', async () => {
  const one = await join();
  effective = async () => {
    const membership = await store.memberships.get(one, me);
    await store.memberships.put({ ...membership!, state: 'banned', version: 2 });
    return true;
  };
  await ask({}, true);
  expect(log).toEqual([`join h:${one}`, `leave h:${one}`]);
  expect(subscriber.isIn(`h:${one}`)).toBe(false);
});

test('when the subscription does not take effect, or was ended meanwhile, what was heard before is heard still', async () => {
  const one = await join();
  await ask({}, true);
  const two = await join();
  effective = async () => false;
  await expect(ask({}, true)).rejects.toMatchObject({ code: 'unavailable' });
  effective = async () => {
    subscriber.leaveCommunity(two);
    return true;
  };
  await expect(ask({}, true)).rejects.toMatchObject({ code: 'conflict' });
  expect([subscriber.isGranted(`h:${one}`), subscriber.isIn(`h:${two}`)]).toEqual([true, false]);
  effective = async () => true;
  await ask({}, true);
  expect(subscriber.isGranted(`h:${two}`)).toBe(true);
});

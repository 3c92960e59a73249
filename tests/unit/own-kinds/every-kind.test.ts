import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import type { ItemKind } from '../../../src/catalogue/item-kind.js';
import { features } from '../../../src/features/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { jsonBytes, ledgerBounds, ledgerItem } from '../../../src/protocol/ledgers.js';
import type { LedgerChange, LedgerCommit, Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { aNotification } from '../../conformance/store/records.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';

/** Everything that is committed anywhere, while features do what they can. */
const stated: readonly ItemKind[] = features.flatMap((feature) => ('items' in feature ? (feature.items ?? []) : []));
/** Of what is copied the truth is elsewhere, and Parley itself commits it. */
const copiedKinds = ['membership', 'notification', 'session', 'read', 'invite'];
const byKind = new Map(stated.map((item) => [item.kind, item]));
const operationNames = new Set<string>(features.flatMap(({ operations }) => operations.map(({ operation }) => operation.name)));
const committed: LedgerCommit[] = [];
const clock = new FakeClock();
const store = createMemoryStore({ clock, collections: collectionsOf(features) });
let house: RestHouse;

/** Hints are gathered for a moment. */
const copied = (): Promise<void> => clock.advance(1_000);

const watched = (store: Store): Store => {
  const { ledgers } = store;
  const append = ledgers.append.bind(ledgers);
  ledgers.append = (commits) => {
    committed.push(...commits);
    return append(commits);
  };
  return store;
};

/**
 * What somebody does to commit something of each kind: its first value, another one, and none. A kind that is new is
 * told of here.
 */
const acts: Record<string, (house: RestHouse, by: Person) => Promise<void>> = {
  setting: async (house, by) => {
    const longest = 'x'.repeat(4_094);
    for (const value of ['dark', { a: [1, null] }, longest, null]) {
      await house.ask('PUT', `/api/settings/${'k'.repeat(64)}`, { by, body: { value } });
    }
  },
  draft: async (house, by) => {
    for (const content of ['Hello', '\u0001'.repeat(10_000), '']) {
      await house.ask('PUT', `/api/drafts/${'thread:'.padEnd(31, 'a')}`, { by, body: { content } });
      // Whoever asks what has changed does not wait for what is gathered.
      await house.ask('GET', '/api/ledgers/me', { by });
    }
  },
  place_order: async (house, by) => {
    const most = Array.from({ length: 500 }, (_, at) => `community:${at.toString(16).padStart(24, '0')}`);
    for (const places of [most.slice(0, 1), most, []]) await house.ask('PUT', '/api/place_order', { by, body: { places } });
  },
  saved: async (house, by) => {
    const { thread } = await place(house, by);
    const said = await house.ask('POST', `/api/messages/thread/${thread}`, { by, body: { content: 'hello' } });
    for (const method of ['PUT', 'DELETE']) await house.ask(method, `/api/saved/${said.body.id}`, { by });
  },
  membership: async (house, by) => {
    const community = (await house.ask('POST', '/api/communities', { by: await house.person(), body: { name: 'Writers' } })).body.id;
    for (const way of ['join', 'leave']) {
      await house.ask('POST', `/api/communities/${community}/${way}`, { by });
      await copied();
    }
  },
  notification: async (house, by) => {
    const { community, thread } = await place(house, by);
    // Of a message that is not there: it is taken away when somebody lists them.
    const about = { community_id: community, thread_id: thread };
    await store.notifications.insert([aNotification({ member_id: by.id, ...about, created_at: clock.now() })]);
    for (const [method, path] of [
      ['POST', '/api/notifications/read'],
      ['GET', '/api/notifications'],
    ] as const) {
      await house.ask(method, path, { by });
      await copied();
    }
  },
  read: async (house, by) => {
    const { thread } = await place(house, by);
    await house.ask('POST', `/api/messages/thread/${thread}`, { by, body: { content: 'hello' } });
    await house.ask('PUT', `/api/threads/${thread}/read`, { by, body: {} });
    // Whoever asks what has changed does not wait for what is gathered.
    await house.ask('GET', '/api/ledgers/me', { by });
    await house.ask('DELETE', `/api/threads/${thread}`, { by });
    await store.reads.removeByThread(thread);
    await clock.advance(60_000);
  },
  invite: async (house, by) => {
    const { community } = await place(house, by);
    const made = await house.ask('POST', `/api/communities/${community}/invites`, { by, body: { max_uses: 5, expires_in_s: 60 } });
    await house.ask('DELETE', `/api/invites/${made.body.id}`, { by });
  },
  role: async (house, by) => {
    const { community } = await place(house, by);
    const made = await house.ask('POST', `/api/communities/${community}/roles`, { by, body: { name: 'Readers' } });
    await house.ask('DELETE', `/api/communities/${community}/roles/${made.body.id}`, { by });
    await house.ask('DELETE', `/api/communities/${community}`, { by });
  },
  thread: async (house, by) => {
    const { thread } = await place(house, by);
    await house.ask('PATCH', `/api/threads/${thread}`, { by, body: { content: `For @${by.username}`, tags: ['shade'] } });
    await house.ask('DELETE', `/api/threads/${thread}`, { by });
  },
  member: async (house, by) => {
    const { community } = await place(house, by);
    const other = await house.person();
    await house.ask('POST', `/api/communities/${community}/join`, { by: other });
    const body = { title: 'Behind doors', is_private: true, member_ids: [other.id] };
    const { id } = (await house.ask('POST', `/api/threads/community/${community}`, { by, body })).body;
    await house.ask('GET', `/api/ledgers/thread:${id}`, { by });
    await house.ask('DELETE', `/api/threads/${id}/members/${other.id}`, { by });
  },
  session: async (house, by) => {
    await copied();
    await house.ask('POST', '/api/auth/logout', { by });
    await copied();
  },
  notification_level: async (house, by) => {
    const { thread } = await place(house, by);
    for (const level of ['mentions', 'none', 'all']) {
      const muted_until = level === 'none' ? '2999-01-01T00:00:00.000Z' : null;
      await house.ask('PUT', `/api/notification_levels/thread:${thread}`, { by, body: { level, muted_until } });
    }
  },
};

const place = async (house: RestHouse, by: Person): Promise<{ community: string; thread: string }> => {
  const community = (await house.ask('POST', '/api/communities', { by, body: { name: 'Readers' } })).body.id;
  return { community, thread: (await house.ask('POST', `/api/threads/community/${community}`, { by, body: { title: 'Books' } })).body.id };
};

beforeAll(async () => {
  house = await RestHouse.open({ clock, store: watched(store) });
  for (const { kind } of stated) await acts[kind]?.(house, await house.person());
});
afterAll(() => house.close());

const changesOf = (kind?: string): LedgerChange[] =>
  committed.flatMap(({ changes }) => changes.filter((change) => kind === undefined || change.kind === kind));

test('each kind is stated once, in words, and what one ledger has of it is bounded', () => {
  expect(byKind.size).toBe(stated.length);
  for (const { kind, ledger, summary, most } of stated) {
    expect([kind, kind.length <= ledgerBounds.kind, summary.length > 10]).toEqual([kind, true, true]);
    // What a community has is bounded by its operations.
    if (ledger !== 'me') continue;
    expect([kind, most && most.items >= 1 && most.valueBytes < ledgerBounds.commitBytes]).toEqual([kind, true]);
  }
});

test('all that one member can keep in their own ledger is less than 9.5 MB', () => {
  const own = stated.filter(({ ledger }) => ledger === 'me');
  expect(own.length).toBeGreaterThan(0);
  const bytes = own.reduce((sum, { most }) => sum + (most?.items ?? Infinity) * ((most?.valueBytes ?? Infinity) + ledgerBounds.key), 0);
  expect(bytes).toBeLessThan(9_500_000);
});

test.each(stated.map((item) => [item.kind, item] as const))(
  '%s: every value that is committed fits what is stated',
  (kind, { value, most, ledger }) => {
    const changes = changesOf(kind);
    // The order of roles is there as long as the community.
    if (kind !== 'role_order') expect(changes.some((change) => 'deleted' in change)).toBe(true);
    const values = changes.flatMap((change) => ('deleted' in change ? [] : [change.value]));
    expect(values.length).toBeGreaterThan(0);
    for (const one of values) {
      expect(value.parse(one)).toEqual(one);
      if (ledger === 'me') expect(jsonBytes(one)).toBeLessThanOrEqual(most!.valueBytes);
    }
  },
);

test('nothing is committed of a kind that nobody states, under a name that is none, or that could not be sent', () => {
  expect(changesOf().filter(({ kind }) => !byKind.has(kind))).toEqual([]);
  for (const change of changesOf()) expect(ledgerItem.safeParse({ ...change, rev: 1 }).success).toBe(true);
  for (const { operation, by, ledger, changes } of committed) {
    // The ledger of a closed thread begins with whoever asks for it first.
    const isOfThread = ledger.startsWith('thread:');
    const isCopy = isOfThread ? operation === 'copy' : changes.every(({ kind }) => copiedKinds.includes(kind));
    expect([operation, by === null, operationNames.has(operation)]).toEqual(isCopy ? ['copy', true, false] : [operation, false, true]);
    if (isCopy) continue;
    if (ledger.startsWith('community:')) expect(by).not.toBeNull();
    else if (!isOfThread) expect(ledger).toBe(`me:${by}`);
  }
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import type { ItemKind } from '../../../src/catalogue/item-kind.js';
import { features } from '../../../src/features/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { jsonBytes, ledgerBounds, ledgerItem } from '../../../src/protocol/ledgers.js';
import type { LedgerChange, LedgerCommit, Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';

/** Everything that is committed anywhere, while features do what they can. */
const stated: readonly ItemKind[] = features.flatMap((feature) => ('items' in feature ? (feature.items ?? []) : []));
const byKind = new Map(stated.map((item) => [item.kind, item]));
const operationNames = new Set<string>(features.flatMap(({ operations }) => operations.map(({ operation }) => operation.name)));
const committed: LedgerCommit[] = [];
let house: RestHouse;

const watched = (store: Store): Store => {
  const { ledgers } = store;
  const append = ledgers.append.bind(ledgers);
  ledgers.append = (commits) => {
    committed.push(...commits);
    return append(commits);
  };
  return store;
};

/** What somebody does to commit something of each kind: its first value, another one, and none. A kind that is new is told of here. */
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
  notification_level: async (house, by) => {
    const { thread } = await place(house, by);
    for (const level of ['mentions', 'none', 'all']) {
      const muted_until = level === 'none' ? '2999-01-01T00:00:00.000Z' : null;
      await house.ask('PUT', `/api/notification_levels/thread:${thread}`, { by, body: { level, muted_until } });
    }
  },
};

const place = async (house: RestHouse, by: Person): Promise<{ thread: string }> => {
  const community = (await house.ask('POST', '/api/communities', { by, body: { name: 'Readers' } })).body.id;
  return { thread: (await house.ask('POST', `/api/threads/community/${community}`, { by, body: { title: 'Books' } })).body.id };
};

beforeAll(async () => {
  const clock = new FakeClock();
  house = await RestHouse.open({ clock, store: watched(createMemoryStore({ clock, collections: collectionsOf(features) })) });
  for (const { kind } of stated) await acts[kind]?.(house, await house.person());
});
afterAll(() => house.close());

const changesOf = (kind?: string): LedgerChange[] =>
  committed.flatMap(({ changes }) => changes.filter((change) => kind === undefined || change.kind === kind));

test('each kind is stated once, in words, and what one ledger has of it is bounded', () => {
  expect(byKind.size).toBe(stated.length);
  for (const { kind, summary, most } of stated) {
    expect([kind, kind.length <= ledgerBounds.kind, summary.length > 10]).toEqual([kind, true, true]);
    expect([kind, most && most.items >= 1 && most.valueBytes < ledgerBounds.commitBytes]).toEqual([kind, true]);
  }
});

test('all that one member can keep in their own ledger is less than 8 MB', () => {
  const own = stated.filter(({ ledger }) => ledger === 'me');
  expect(own.length).toBeGreaterThan(0);
  const bytes = own.reduce((sum, { most }) => sum + (most?.items ?? Infinity) * ((most?.valueBytes ?? Infinity) + ledgerBounds.key), 0);
  expect(bytes).toBeLessThan(8_000_000);
});

test.each(stated.map((item) => [item.kind, item] as const))(
  '%s: every value that is committed fits what is stated',
  (kind, { value, most }) => {
    const changes = changesOf(kind);
    expect(changes.some((change) => 'deleted' in change)).toBe(true);
    const values = changes.flatMap((change) => ('deleted' in change ? [] : [change.value]));
    expect(values.length).toBeGreaterThan(0);
    for (const one of values) {
      expect(value.parse(one)).toEqual(one);
      expect(jsonBytes(one)).toBeLessThanOrEqual(most!.valueBytes);
    }
  },
);

test('nothing is committed of a kind that nobody states, under a name that is none, or that could not be sent', () => {
  expect(changesOf().filter(({ kind }) => !byKind.has(kind))).toEqual([]);
  for (const change of changesOf()) expect(ledgerItem.safeParse({ ...change, rev: 1 }).success).toBe(true);
  for (const { operation, by, ledger } of committed) {
    expect([operation, operationNames.has(operation)]).toEqual([operation, true]);
    expect(ledger).toBe(`me:${by}`);
  }
});

import { domainKinds } from '../../../src/actors/domain/kinds.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { Communities } from '../../../src/features/communities/communities.js';
import { Memberships } from '../../../src/features/communities/memberships.js';
import { History } from '../../../src/features/messages/history.js';
import { Notifications } from '../../../src/features/notifications/notifications.js';
import { Search } from '../../../src/features/search/search.js';
import { Threads } from '../../../src/features/threads/threads.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { Page } from '../../../src/protocol/resources.js';
import type { MessageRecord, Store } from '../../../src/store/contracts.js';
import { aCommunity, aMember, aMembership, aMessage, aSearchRecord, aThread, silentLogger } from './two-worlds-records.js';

/** Ids that are the same in every world of a test: `world` keeps those of several tests apart in one database. */
const idOf = (world: number, kind: string, n: number): string =>
  `${world.toString(16).padStart(4, '0')}${kind}`.padEnd(16, '0') + n.toString(16).padStart(8, '0');

export const words = ['whale', 'krill', 'plankton', 'the'] as const;

/** One message: where, whose, and what it says; `was` is what the index still knows it by, `gone` that it was deleted. */
export interface Said {
  community: number;
  thread: number;
  by: 'author' | 'asker' | 'other';
  text: string;
  was?: string | undefined;
  gone?: boolean | undefined;
}

export type Standing = 'member' | 'open' | 'left' | 'banned' | 'outside';

/**
 * What a world is made of. Communities have two threads each; all but the `open` ones are private. `closed`: and a third one, 2, which
 * everybody may view but these.
 */
export interface Plan {
  communities: readonly Standing[];
  said: readonly Said[];
  closed?: 'to all but the author' | 'to the asker' | undefined;
}

export interface World {
  store: Store;
  /** How often each call of the store was made. */
  calls: Map<string, number>;
  asker: string;
  author: string;
  /** The first communities, into which the asker may look. */
  first: readonly number[];
  community(n: number): string;
  thread(community: number, n: number): string;
  stop(): Promise<void>;
  ask: ReturnType<typeof operationsOf>;
}

const operationsOf = (deps: { store: Store; actors: LocalActorSystem; clock: FakeClock }) => ({
  search: new Search(deps),
  history: new History(deps),
  communities: new Communities(deps),
  memberships: new Memberships(deps),
  threads: new Threads(deps),
  notifications: new Notifications(deps),
});

/** The same store, and a count of the calls that come to it. */
const counted = (store: Store, calls: Map<string, number>): Store =>
  new Proxy(store, {
    get: (target, repository: string) => {
      const own = Reflect.get(target, repository) as object;
      if (typeof own !== 'object') return own;
      return new Proxy(own, {
        get: (inner, name: string) => {
          const call: unknown = Reflect.get(inner, name);
          if (typeof call !== 'function') return call;
          return (...args: unknown[]) => {
            const key = `${repository}.${name}`;
            calls.set(key, (calls.get(key) ?? 0) + 1);
            return call.apply(inner, args);
          };
        },
      });
    },
  });

/**
 * A world by a plan, written straight into a store: messages in the order of the plan, a second apart, as `from` says also
 * with others' in between. What is hidden from the asker is in it or not; everything else has the same ids and times.
 */
export const worldOf = async (store: Store, world: number, plan: Plan, isLeftOut: (community: Standing) => boolean): Promise<World> => {
  const [asker, author, other] = [idOf(world, 'a1', 1), idOf(world, 'a1', 2), idOf(world, 'a1', 3)] as const;
  const community = (n: number): string => idOf(world, 'c', n);
  const thread = (c: number, n: number): string => idOf(world, 'd', c * 16 + n);
  const overrides = (n: number): OverrideRecord[] =>
    plan.closed === 'to the asker'
      ? [
          { subject: `member:${asker}`, allow: [], deny: ['view'] },
          { subject: `role:${community(n)}`, allow: [], deny: n % 2 ? ['view'] : [] },
        ]
      : [
          { subject: `role:${community(n)}`, allow: [], deny: ['view'] },
          { subject: `member:${author}`, allow: ['view'], deny: [] },
        ];
  const threadsOf = plan.closed ? [0, 1, 2] : [0, 1];
  const isThere = ({ community: c, thread: t }: Said): boolean => !isLeftOut(plan.communities[c]!) && threadsOf.includes(t);
  const scopeOf = (c: number, t: number): string => (t === 2 ? thread(c, t) : community(c));
  for (const id of [asker, author, other]) await store.members.insert(aMember(id));
  for (const [n, standing] of plan.communities.entries()) {
    if (isLeftOut(standing)) continue;
    await store.communities.insert(
      aCommunity(community(n), { name: `Sea ${n}`, is_public: standing === 'open', tags: ['sea'], created_by: other, owner_id: other }),
    );
    await store.memberships.put(aMembership(community(n), other, { roles: [starterRoleOf(community(n))] }));
    await store.memberships.put(aMembership(community(n), author));
    const state = { member: 'active', left: 'left', banned: 'banned' } as const;
    if (standing in state) await store.memberships.put(aMembership(community(n), asker, { state: state[standing as keyof typeof state] }));
    for (const t of threadsOf) {
      const closed = t === 2 && { last_activity: 1_800_000_000_000, is_pinned: n % 2 === 0, overrides: overrides(n) };
      await store.threads.insert(aThread(thread(n, t), community(n), { title: `${words[t]} talk`, created_by: author, ...closed }));
    }
  }
  const seqs = new Map<string, number>();
  const records: (MessageRecord & { was: string })[] = [];
  for (const [at, one] of plan.said.entries()) {
    const { community: c, thread: t, by, text, was, gone } = one;
    if (!isThere(one)) continue;
    const thread_id = thread(c, t);
    const seq = (seqs.get(thread_id) ?? 0) + 1;
    seqs.set(thread_id, seq);
    records.push({
      ...aMessage(idOf(world, 'e', at), thread_id, community(c), seq, { asker, author, other }[by], 1_700_000_000_000 + at * 1_000),
      content: gone ? '' : text,
      deleted_at: gone ? 1_700_000_900_000 : null,
      rev: was === undefined && !gone ? seq : 1_000 + seq,
      was: was ?? text,
    });
  }
  for (const outcome of await store.messages.append(records.map(({ was: _, ...record }) => record)))
    if (outcome !== 'stored') throw new Error(outcome);
  const closed = new Set(plan.communities.map((_, n) => thread(n, 2)));
  await store.search.index(
    records.map(({ was, ...record }) =>
      aSearchRecord('message', { ...record, rev: record.seq }, was, closed.has(record.thread_id) ? record.thread_id : undefined),
    ),
  );
  for (const [n, standing] of plan.communities.entries()) {
    if (isLeftOut(standing)) continue;
    for (const t of threadsOf) {
      const its = {
        id: thread(n, t),
        thread_id: thread(n, t),
        community_id: community(n),
        author,
        created_at: 1_600_000_000_000 + n,
        seq: 0,
        rev: 0,
      };
      await store.search.index([aSearchRecord('thread', its, `${words[t]} talk`, scopeOf(n, t))]);
    }
  }

  const calls = new Map<string, number>();
  const seen = counted(store, calls);
  // It stands still, so that no actor rests in one world and works in the other.
  const clock = new FakeClock();
  const silent = (): void => undefined;
  const kinds = domainKinds({
    store: seen,
    fanout: { publish: silent, reached: silent, evict: silent, recheck: silent, close: silent },
    nudge: { changed: silent, deleted: silent },
  });
  const actors = new LocalActorSystem({ kinds, clock, logger: silentLogger, telemetry: new Telemetry() });
  return {
    store,
    calls,
    asker,
    author,
    first: [0, 1, 2].slice(0, plan.communities.length),
    community,
    thread,
    stop: () => actors.stop(),
    ask: operationsOf({ store: seen, actors, clock }),
  };
};

/** The index is brought level with what is said now, as its worker does. */
export const settle = async (store: Store, world: World, plan: Plan): Promise<void> => {
  for (const [n] of plan.communities.entries()) {
    for (const t of [0, 1]) {
      const all = await store.messages.changedAfter(world.thread(n, t), 0, 1_000);
      const living = all.filter(({ deleted_at }) => deleted_at === null);
      await store.search.index(living.map((record) => aSearchRecord('message', record, record.content)));
      await store.search.remove(all.filter(({ deleted_at }) => deleted_at !== null));
    }
  }
};

/** Everything that the asker can ask for in lists, page by page; and what it cost the store. */
export const askEverything = async (
  world: World,
  limit: number,
): Promise<{ answers: Record<string, unknown>; calls: Record<string, number> }> => {
  const caller = { member_id: world.asker, session_id: 'x', is_admin: false } as never;
  const { search, history, communities, memberships, threads, notifications } = world.ask;
  const answers: Record<string, unknown> = {};
  const walk = async (
    name: string,
    list: (page: { limit: number; cursor?: string | undefined }) => Promise<Page<unknown>>,
  ): Promise<void> => {
    const pages: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit, cursor });
      pages.push(page);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && pages.length < 100);
    answers[name] = pages;
  };
  const refused = async (name: string, ask: () => Promise<unknown>): Promise<void> => {
    answers[name] = await ask().then(
      (answer) => ({ answer }),
      (error: Error) => ({ error: error.message }),
    );
  };
  world.calls.clear();
  for (const q of [...words, '"whale krill"', 'whale -krill', 'whal', 'kri pla', 'whale-bone']) {
    await walk(`messages ${q}`, (page) => search.messages(caller, { q, ...page }));
    await walk(`messages of the author ${q}`, (page) => search.messages(caller, { q, author: world.author, ...page }));
    await walk(`threads ${q}`, (page) => search.threads(caller, { q, ...page }));
  }
  await walk('activity', (page) => history.activity(caller, world.author, page));
  await walk('communities', (page) => communities.list(caller, page));
  await walk('communities by name', (page) => communities.list(caller, { q: 'sea', tag: 'sea', ...page }));
  await walk('communities of the author', (page) => communities.ofMember(caller, world.author, page));
  await walk('notifications', (page) => notifications.list(caller, page));
  await walk('members', (page) => memberships.list(caller, world.community(0), page));
  for (const n of world.first) await walk(`threads of ${n}`, (page) => threads.list(caller, world.community(n), page));
  for (const n of world.first) {
    const community_id = world.community(n);
    await walk(`messages in ${n}`, (page) => search.messages(caller, { q: 'whale', community_id, ...page }));
  }
  await walk('history', (page) => history.page(caller, { thread_id: world.thread(0, 0), ...page }));
  // What one may not view is answered as what was never there.
  for (const n of world.first) {
    const thread_id = world.thread(n, 2);
    await refused(`search in closed ${n}`, () => search.messages(caller, { q: 'whale', thread_id }));
    await refused(`search in closed ${n}, within`, () =>
      search.messages(caller, { q: 'the', thread_id, community_id: world.community(n) }),
    );
    await refused(`history of closed ${n}`, () => history.page(caller, { thread_id }));
  }
  // How new a text is changes its score a little with every moment.
  return {
    answers: JSON.parse(JSON.stringify(answers, (key, value: unknown) => (key === 'score' ? undefined : value))),
    calls: Object.fromEntries(world.calls),
  };
};

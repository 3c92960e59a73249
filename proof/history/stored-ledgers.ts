import { memberLedger } from '../../src/actors/ledger/names.js';
import type { Notification } from '../../src/protocol/resources.js';
import { communityLedger } from '../../src/store/community-items.js';
import type { LedgerCommit, Store, ThreadRecord } from '../../src/store/contracts.js';
import { toNotification, toOwnMembership } from '../../src/store/resources.js';
import { isToldToAll, threadValue } from '../../src/store/thread-items.js';
import type { Final } from './history.js';

const all = 100_000;

interface Place {
  id: string;
  threads: readonly string[];
}

/** Every commit of members' ledgers, and what they copy beside where it comes from, by the store's word. */
export const ledgersOf = async (
  store: Store,
  members: readonly string[],
  communities: readonly Place[],
): Promise<Required<Pick<Final, 'ledgers' | 'copies'>>> => {
  const ledgers: NonNullable<Final['ledgers']>[number][] = [];
  for (const ledger of communities.map(({ id }) => communityLedger(id)))
    ledgers.push({ ledger, commits: await store.ledgers.commitsAfter(ledger, 0, all) });
  const copies: NonNullable<Final['copies']>[number][] = [];
  for (const member of members) {
    const ledger = memberLedger(member);
    const commits = await store.ledgers.commitsAfter(ledger, 0, all);
    ledgers.push({ ledger, commits });
    const sources = await sourcesOf(store, member);
    const items = new Map<string, string>();
    for (const { kind, key, value } of left(commits)) {
      const isMeant =
        kind === 'membership' ||
        (kind === 'notification' && (await wasAlwaysTheirs(store, member, value as Notification))) ||
        (kind === 'read' && sources.has(`read ${key}`));
      if (isMeant) items.set(`${kind} ${key}`, JSON.stringify(value));
    }
    for (const name of new Set([...sources.keys(), ...items.keys()])) {
      const [kind = '', key = ''] = name.split(' ');
      copies.push({ ledger, kind, key, item: items.get(name) ?? null, source: sources.get(name) ?? null });
    }
  }
  for (const community of communities) copies.push(...(await openThreadsOf(store, community)));
  return { ledgers, copies };
};

/** What commits leave. The stored items may be behind: the next owner brings them along before it answers anybody. */
const left = (commits: readonly LedgerCommit[]): Iterable<{ kind: string; key: string; value: unknown }> => {
  const items = new Map<string, { kind: string; key: string; value: unknown }>();
  for (const change of commits.flatMap(({ changes }) => changes)) {
    const name = `${change.kind} ${change.key}`;
    if ('value' in change) items.set(name, change);
    else items.delete(name);
  }
  return items.values();
};

/**
 * Of a thread that some could not view at times, and of a community that they left, it is told by when that was, and
 * the run clears nothing away.
 */
const wasAlwaysTheirs = async (
  store: Store,
  member: string,
  { thread_id, community_id, created_at }: Pick<Notification, 'thread_id' | 'community_id' | 'created_at'>,
): Promise<boolean> => {
  const membership = await store.memberships.get(community_id, member);
  const isTheirs = membership?.state === 'active' && membership.joined_at <= Date.parse(created_at);
  return isTheirs && (await wasAlwaysOpen(store, thread_id));
};

/** Open threads as the ledger of their community has them; of closed ones it has nothing. */
const openThreadsOf = async (store: Store, { id, threads }: Place): Promise<NonNullable<Final['copies']>[number][]> => {
  const ledger = communityLedger(id);
  const records = await store.threads.byIds(threads);
  const sources = new Map(records.filter(isToldToAll).map((record) => [record.id, JSON.stringify(threadValue(record))]));
  const items = new Map<string, string>();
  for (const { kind, key, value } of left(await store.ledgers.commitsAfter(ledger, 0, all)))
    if (kind === 'thread') items.set(key, JSON.stringify(value));
  return [...new Set([...sources.keys(), ...items.keys()])].map((key) => ({
    ...{ ledger, kind: 'thread', key, item: items.get(key) ?? null, source: sources.get(key) ?? null },
  }));
};

const wasAlwaysOpen = async (store: Store, threadId: string): Promise<boolean> => {
  const thread = await store.threads.byId(threadId);
  return thread !== null && thread.overrides === undefined && thread.scope_since === undefined;
};

const threadsOf = async (store: Store, member: string): Promise<ThreadRecord[]> => {
  const places = (await store.memberships.listByMember(member)).map((one) => one.community_id);
  return (await Promise.all(places.map((id) => store.threads.listByCommunity(id, { limit: 1_000 }, 'everybody')))).flat();
};

const sourcesOf = async (store: Store, member: string): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const record of await store.memberships.listByMember(member)) {
    const community = await store.communities.byId(record.community_id);
    if (community?.deleted_at === null) found.set(`membership ${record.community_id}`, JSON.stringify(toOwnMembership(community, record)));
  }
  for (const thread of await threadsOf(store, member)) {
    const [record, membership] = [await store.reads.get(thread.id, member), await store.memberships.get(thread.community_id, member)];
    // What one's own message moved is not told. What was marked before they came back may have been copied while they
    // were away.
    if (!record || record.is_quiet || membership?.state !== 'active' || membership.joined_at > thread.created_at) continue;
    if (!(await wasAlwaysOpen(store, thread.id))) continue;
    const value = { community_id: thread.community_id, last_read_seq: record.seq };
    found.set(`read ${thread.id}`, JSON.stringify(value));
  }
  for (const record of await store.notifications.list(member, {}, { limit: 1_000 })) {
    const shown = toNotification(record);
    if (await wasAlwaysTheirs(store, member, shown)) found.set(`notification ${record.id}`, JSON.stringify(shown));
  }
  return found;
};

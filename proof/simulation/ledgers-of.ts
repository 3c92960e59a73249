import { memberLedger } from '../../src/actors/ledger/names.js';
import type { Notification } from '../../src/protocol/resources.js';
import type { Store } from '../../src/store/contracts.js';
import { toNotification, toOwnMembership } from '../../src/store/resources.js';
import type { Final } from '../history/history.js';

const all = 100_000;

/** Every commit of members' ledgers, and what they copy beside where it comes from, by the store's word. */
export const ledgersOf = async (store: Store, members: readonly string[]): Promise<Required<Pick<Final, 'ledgers' | 'copies'>>> => {
  const ledgers: NonNullable<Final['ledgers']>[number][] = [];
  const copies: NonNullable<Final['copies']>[number][] = [];
  for (const member of members) {
    const ledger = memberLedger(member);
    ledgers.push({ ledger, commits: await store.ledgers.commitsAfter(ledger, 0, all) });
    const sources = await sourcesOf(store, member);
    const items = new Map<string, string>();
    for (const { kind, key, value } of await store.ledgers.living(ledger, null, all)) {
      const isMeant = kind === 'membership' || (kind === 'notification' && (await wasAlwaysTheirs(store, member, value as Notification)));
      if (isMeant) items.set(`${kind} ${key}`, JSON.stringify(value));
    }
    for (const name of new Set([...sources.keys(), ...items.keys()])) {
      const [kind = '', key = ''] = name.split(' ');
      copies.push({ ledger, kind, key, item: items.get(name) ?? null, source: sources.get(name) ?? null });
    }
  }
  return { ledgers, copies };
};

/**
 * Of a thread that some could not view at times, and of a community that they left, it is told by when that was, and the run clears
 * nothing away.
 */
const wasAlwaysTheirs = async (
  store: Store,
  member: string,
  { thread_id, community_id, created_at }: Pick<Notification, 'thread_id' | 'community_id' | 'created_at'>,
): Promise<boolean> => {
  const thread = await store.threads.byId(thread_id);
  const membership = await store.memberships.get(community_id, member);
  const isOpen = thread !== null && thread.overrides === undefined && thread.scope_since === undefined;
  return isOpen && membership?.state === 'active' && membership.joined_at <= Date.parse(created_at);
};

const sourcesOf = async (store: Store, member: string): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const record of await store.memberships.listByMember(member)) {
    const community = await store.communities.byId(record.community_id);
    if (community?.deleted_at === null) found.set(`membership ${record.community_id}`, JSON.stringify(toOwnMembership(community, record)));
  }
  for (const record of await store.notifications.list(member, {}, { limit: 1_000 })) {
    const shown = toNotification(record);
    if (await wasAlwaysTheirs(store, member, shown)) found.set(`notification ${record.id}`, JSON.stringify(shown));
  }
  return found;
};

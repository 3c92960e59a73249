import type { Community, CommunityRole, OwnMembership, Thread } from '../protocol/resources.js';
import {
  type CommunityState,
  roleUnder,
  withCommunity,
  withEachThread,
  withMembershipOf,
  withOwnPermissions,
  withoutRoles,
} from './community-state.js';
import type { ItemName, LiveItem } from './ledgers/items.js';
import type { LedgerReading } from './ledgers/ledger-reading.js';

/** What a community's ledger says of the community itself. */
export type CommunityValue = Omit<Community, 'member_count' | 'me'>;
/** What a thread is, whoever looks and whatever is said in it. */
export type ThreadValue = Omit<Thread, 'message_count' | 'last_activity' | 'last_seq' | 'head_rev' | 'me'>;
type RoleValue = Omit<CommunityRole, 'position'>;
type ItemOf<V> = LiveItem & { readonly value: V };
type ThreadItem = ItemOf<ThreadValue>;

/** What is known of one community by its ledger; empty parts are not known. */
export interface CommunityItems {
  readonly community: CommunityValue | undefined;
  /** The highest first, everyone last; empty: not known. */
  readonly roles: readonly CommunityRole[];
  readonly threads: ReadonlyMap<string, ThreadItem>;
}

/**
 * In their order; a role that the order does not name yet stands below those that it does. Without everyone it is not
 * all of them.
 */
const inOrder = (
  communityId: string,
  roles: ReadonlyMap<string, ItemOf<RoleValue>>,
  order: readonly string[],
): readonly CommunityRole[] => {
  if (!roles.has(communityId)) return [];
  const placed = new Set([...order, communityId]);
  const ids = [...order, ...[...roles.keys()].filter((id) => !placed.has(id)), communityId].filter((id) => roles.has(id));
  return ids.map((id, at) => ({ ...(roles.get(id) as ItemOf<RoleValue>).value, position: ids.length - 1 - at }));
};

/** `before`: as it was; roles that have not changed since are the same ones. */
export const communityItems = (
  communityId: string,
  { items }: Pick<LedgerReading, 'items'>,
  changed: readonly ItemName[] = [],
  before?: CommunityItems,
): CommunityItems => ({
  community: items<CommunityValue>('community').get(communityId)?.value,
  roles:
    before && changed.every(({ kind }) => kind !== 'role' && kind !== 'role_order')
      ? before.roles
      : inOrder(communityId, items<RoleValue>('role'), items<{ role_ids: string[] }>('role_order').get('order')?.value.role_ids ?? []),
  threads: items<ThreadValue>('thread'),
});

const saysNoOther = (held: object, value: object): boolean =>
  Object.entries(value).every(([name, it]) => JSON.stringify((held as Record<string, unknown>)[name]) === JSON.stringify(it));

const withLaidCommunity = (state: CommunityState, value: CommunityValue | undefined, myself: string | null): CommunityState => {
  const held = state.community;
  if (!held || !value || saysNoOther(held, value)) return state;
  return withCommunity(state, { ...value, member_count: held.member_count }, myself);
};

const withLaidRoles = (state: CommunityState, roles: readonly CommunityRole[]): CommunityState => {
  if (roles.length === 0) return state;
  if (state.roles === roles) return withOwnPermissions(state);
  const living = new Set(roles.map(({ id }) => id));
  const gone = new Set(state.roles.map(({ id }) => id).filter((id) => !living.has(id)));
  return withOwnPermissions(withoutRoles({ ...state, roles }, (id) => gone.has(id)));
};

/** Threads as they were laid out last: most are as they were when something else changes. */
const laid = new WeakMap<Thread, { item: ThreadItem; thread: Thread }>();

/**
 * Of a list or an event that is newer than the item, the item is on its way. Of which threads there are, items tell the
 * newest only.
 */
const laidThread = (thread: Thread, item: ThreadItem | undefined): Thread => {
  if (!item || item.value.updated_at < thread.updated_at) return thread;
  const known = laid.get(thread);
  if (known?.item === item) return known.thread;
  const { message_count, last_activity, last_seq, head_rev, me, is_closed: _, mentions: __, mention_names: ___, ...rest } = thread;
  const next: Thread = { ...rest, ...item.value, message_count, last_activity, last_seq, head_rev, ...(me && { me }) };
  laid.set(thread, { item, thread: next });
  laid.set(next, { item, thread: next });
  return next;
};

/**
 * What the ledger says, laid over what lists, answers and events said: where both speak the ledger is right, or will be
 * in a moment. Whatever came before it and in which order makes no difference. The same state where nothing is other.
 */
export const laidOver = (state: CommunityState, items: CommunityItems, myself: string | null): CommunityState => {
  const community = withLaidRoles(withLaidCommunity(state, items.community, myself), items.roles);
  return items.threads.size === 0 ? community : withEachThread(community, (thread) => laidThread(thread, items.threads.get(thread.id)));
};

/**
 * How one stands there oneself, by the copy of one's membership; what it lets one do follows from the roles, where they
 * are known.
 */
export const withOwnMembership = (state: CommunityState, { role: copied, roles }: OwnMembership, myself: string | null): CommunityState => {
  const me = state.community?.me;
  if (!state.community || !me) return state;
  const role = roleUnder(state.community.owner_id, myself, copied);
  const living = state.roles.length === 0 ? roles : state.roles.map(({ id }) => id).filter((id) => roles.includes(id));
  const own = withMembershipOf({ ...state, community: { ...state.community, me: { ...me, role, roles: living } } }, myself, role, living);
  return own.roles.length === 0 ? own : withOwnPermissions(own);
};

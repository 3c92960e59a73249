import type { EventPayload } from '../protocol/events.js';
import type { Community, CommunityRole, Member, Membership, Presence, Role, Thread } from '../protocol/resources.js';
import { permissionsBy } from './own-permissions.js';
import { withOwnReading } from './own-reading.js';

/** What is known of one community: a value, replaced with each change. */
export interface CommunityState {
  readonly community: Community | null;
  /** The highest first, everyone last; empty until they are known. */
  readonly roles: readonly CommunityRole[];
  /** Pinned first, then by last activity; as many as have been loaded. */
  readonly threads: readonly Thread[];
  /** Where the list of threads goes on; null when all are loaded. */
  readonly moreThreads: string | null;
  /** By member id, in the order of joining. */
  readonly members: ReadonlyMap<string, Membership>;
  readonly moreMembers: string | null;
  /** When oneself has last marked all as read here, ms; 0: not since this began. */
  readonly readAt: number;
}

export const emptyCommunity: CommunityState = {
  community: null,
  roles: [],
  threads: [],
  moreThreads: null,
  members: new Map(),
  moreMembers: null,
  readAt: 0,
};

/** Pinned before others, then the latest activity, then by id: the order in which the server lists them. */
const byPlace = (a: Thread, b: Thread): number =>
  Number(b.is_pinned) - Number(a.is_pinned) ||
  Date.parse(b.last_activity) - Date.parse(a.last_activity) ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** What came in a community until then is not unread for oneself, ms; 0 when that is not known. */
const readSince = ({ community, readAt }: CommunityState): number => Math.max(readAt, Date.parse(community?.me?.joined_at ?? '') || 0);

/**
 * A thread as it is after an event. Events know nothing of one's own reading, so `me` is carried over; an event that a
 * newer one has overtaken does not turn the head back. Of a thread that was not known nothing can be said, but that it
 * is all read or empty.
 */
const merged = (held: Thread | undefined, event: Thread, since: number): Thread => {
  const isNewer = !held || event.head_rev >= held.head_rev;
  // It may have been asked for before all was marked as read.
  if (event.me && isNewer) return { ...event, me: carriedOver(event, event.me, event, since) };
  const newest = isNewer ? event : { ...event, ...headOf(held) };
  // An answer that knows of one's reading, older than what events have told meanwhile: those come on top of it.
  const from = event.me ? event : held;
  return { ...newest, me: from?.me ? carriedOver(from, from.me, newest, since) : meOfStranger(newest, since) };
};

const headOf = ({ message_count, last_activity, last_seq, head_rev }: Thread) => ({ message_count, last_activity, last_seq, head_rev });

const meOfStranger = (thread: Thread, since: number): Thread['me'] => {
  const isRead = thread.last_seq === 0 || Date.parse(thread.last_activity) <= since;
  return isRead ? { read_seq: thread.last_seq, unread_count: 0 } : undefined;
};

/** What came in between counts as unread: never less than there is, and more only where `isUncertain` says so. */
const carriedOver = (from: Thread, me: NonNullable<Thread['me']>, to: Thread, since: number): NonNullable<Thread['me']> => {
  if (Date.parse(to.last_activity) <= since) return { read_seq: Math.max(me.read_seq, to.last_seq), unread_count: 0 };
  const come = Math.max(0, to.last_seq - from.last_seq);
  // What has been read here may be ahead of what the list knows to be there.
  const most = Math.min(me.unread_count + come, to.last_seq - me.read_seq, to.message_count);
  return { ...me, unread_count: Math.max(0, most) };
};

/**
 * Whether what is unread in a thread after an event has to be asked for: the thread was not known; some of what was
 * unread, or of what came, was deleted; or some of what came may have been there before one joined.
 */
export const isUncertain = (state: CommunityState, event: Thread): boolean => {
  if (event.me) return false;
  const since = readSince(state);
  const held = state.threads.find(({ id }) => id === event.id);
  const { me } = merged(held, event, since);
  if (!held?.me || !me) return me === undefined;
  if (me.unread_count === 0 || event.head_rev <= held.head_rev) return false;
  const come = event.last_seq - held.last_seq;
  return event.message_count - held.message_count !== come || (come > 1 && Date.parse(held.last_activity) <= since);
};

/** Puts threads from an event or a page into their places. */
export const withThreads = (state: CommunityState, more: readonly Thread[]): CommunityState => {
  const since = readSince(state);
  const threads = new Map(state.threads.map((thread) => [thread.id, thread]));
  for (const thread of more) threads.set(thread.id, merged(threads.get(thread.id), thread, since));
  return { ...state, threads: [...threads.values()].sort(byPlace) };
};

/** Each thread as `change` makes it, in its place; the same state where that is what it was. */
export const withEachThread = (state: CommunityState, change: (thread: Thread) => Thread): CommunityState => {
  const threads = state.threads.map(change);
  return threads.every((thread, at) => thread === state.threads[at]) ? state : { ...state, threads: threads.sort(byPlace) };
};

export const withoutThread = (state: CommunityState, threadId: string): CommunityState => ({
  ...state,
  threads: state.threads.filter((thread) => thread.id !== threadId),
});

/**
 * Whether what is left unread in a thread after one has read it up to seq has to be asked for: something in it was
 * deleted.
 */
export const isUncertainAfterRead = (state: CommunityState, threadId: string, seq: number): boolean => {
  const thread = state.threads.find(({ id }) => id === threadId);
  if (!thread?.me || seq <= thread.me.read_seq || thread.message_count >= thread.last_seq) return false;
  return Math.min(thread.me.unread_count, thread.last_seq - seq) > 0;
};

/**
 * Oneself has read all that came until a time (ms). Threads that went on after it are left as they are: they are asked
 * for.
 */
export const withAllRead = (state: CommunityState, at: number): CommunityState => ({
  ...state,
  readAt: Math.max(state.readAt, at),
  threads: state.threads.map((thread) =>
    Date.parse(thread.last_activity) <= at ? { ...thread, me: { read_seq: thread.last_seq, unread_count: 0 } } : thread,
  ),
});

/** Oneself has read a thread up to seq. */
export const withRead = (state: CommunityState, threadId: string, seq: number): CommunityState =>
  withEachThread(state, (thread) => (thread.id === threadId ? withOwnReading(thread, seq) : thread));

export const withMembers = (state: CommunityState, more: readonly Membership[]): CommunityState => {
  const members = new Map(state.members);
  for (const one of more) members.set(one.member.id, one);
  return { ...state, members };
};

/** Someone joined; roles that come with it are told in an event of their own. */
export const withJoined = (state: CommunityState, member: Member, joinedAt: string): CommunityState =>
  state.members.has(member.id)
    ? state
    : withMembers(state, [{ member, role: 'member', roles: [], joined_at: joinedAt, muted_until: null, is_banned: false }]);

export const withoutMember = (state: CommunityState, memberId: string): CommunityState => {
  const members = new Map(state.members);
  members.delete(memberId);
  return { ...state, members };
};

export const withPresence = (state: CommunityState, memberId: string, presence: Presence): CommunityState => {
  const held = state.members.get(memberId);
  return held ? withMembers(state, [{ ...held, member: { ...held.member, presence } }]) : state;
};

/** What a member is called and looks like; presence has its own way. */
export const withProfile = (state: CommunityState, member: Member): CommunityState => {
  const held = state.members.get(member.id);
  return held ? withMembers(state, [{ ...held, member: { ...member, presence: held.member.presence } }]) : state;
};

/** Who owns is said by the community alone; who owned it until now is a moderator. */
export const roleUnder = (ownerId: string, memberId: string | null, role: Role): Role =>
  memberId === ownerId ? 'owner' : role === 'owner' ? 'moderator' : role;

/** An event about the community knows nothing of oneself, so `me` is carried over, and roles follow its owner. */
export const withCommunity = (state: CommunityState, community: Community, myself: string | null): CommunityState => {
  const { owner_id } = community;
  const held = state.community?.me;
  const me = community.me ?? (held && { ...held, role: roleUnder(owner_id, myself, held.role) });
  const members = new Map<string, Membership>();
  for (const [id, one] of state.members) {
    const role = roleUnder(owner_id, id, one.role);
    members.set(id, role === one.role ? one : { ...one, role });
  }
  return { ...state, members, community: { ...community, me } };
};

/** By what it is decided which threads one sees here; two that are equal see the same. */
export const sightOf = ({ community }: CommunityState): string => {
  const { roles = [], permissions = [] } = community?.me ?? {};
  return [permissions.includes('administrator'), ...roles].join();
};

/** How somebody stands who is in the list. */
export const withMembershipOf = (state: CommunityState, memberId: string | null, role: Role, roles: readonly string[]): CommunityState => {
  const held = memberId === null ? undefined : state.members.get(memberId);
  return held ? withMembers(state, [{ ...held, role, roles: [...roles] }]) : state;
};

/** Someone holds other roles now, or owns it or no longer does. */
export const withMemberRoles = (
  state: CommunityState,
  { member_id, role, roles, permissions }: EventPayload<'member_roles_changed'>,
  myself: string | null,
): CommunityState => {
  const next = withMembershipOf(state, member_id, role, roles);
  const me = state.community?.me;
  if (!state.community || !me || member_id !== myself) return next;
  return { ...next, community: { ...state.community, me: { ...me, role, roles, permissions } } };
};

/** What one may do oneself, by the roles as they are known. The same state where that is what it says. */
export const withOwnPermissions = (state: CommunityState): CommunityState => {
  const { community, roles } = state;
  if (!community?.me) return state;
  const { me } = community;
  const permissions = permissionsBy(roles, me.role === 'owner', me.roles);
  return permissions.join() === me.permissions.join() ? state : { ...state, community: { ...community, me: { ...me, permissions } } };
};

/** Nobody holds a role any more that is none. */
export const withoutRoles = (state: CommunityState, isGone: (id: string) => boolean): CommunityState => {
  const order = new Map(state.roles.map(({ id }, at) => [id, at]));
  const living = (ids: readonly string[]): string[] =>
    ids.filter((id) => !isGone(id)).sort((a, b) => (order.get(a) ?? order.size) - (order.get(b) ?? order.size));
  const members = new Map([...state.members].map(([id, one]) => [id, { ...one, roles: living(one.roles) }]));
  const { community } = state;
  return {
    ...state,
    members,
    community: community?.me ? { ...community, me: { ...community.me, roles: living(community.me.roles) } } : community,
  };
};

/** These are all roles now, the highest first: what is none any more nobody holds. */
export const withRoles = (state: CommunityState, roles: readonly CommunityRole[]): CommunityState => {
  const ids = new Set(roles.map(({ id }) => id));
  return withOwnPermissions(withoutRoles({ ...state, roles }, (id) => !ids.has(id)));
};

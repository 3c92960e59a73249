import type { Community, Member, Membership, Presence, Role, Thread } from '../protocol/resources.js';

/** What is known of one community: a value, replaced with each change. */
export interface CommunityState {
  readonly community: Community | null;
  /** Pinned first, then by last activity; as many as have been loaded. */
  readonly threads: readonly Thread[];
  /** Where the list of threads goes on; null when all are loaded. */
  readonly moreThreads: string | null;
  /** By member id, in the order of joining. */
  readonly members: ReadonlyMap<string, Membership>;
  readonly moreMembers: string | null;
}

export const emptyCommunity: CommunityState = {
  community: null,
  threads: [],
  moreThreads: null,
  members: new Map(),
  moreMembers: null,
};

/** Pinned before others, then the latest activity, then the newer id: the order in which the server lists them. */
const byPlace = (a: Thread, b: Thread): number =>
  Number(b.is_pinned) - Number(a.is_pinned) ||
  Date.parse(b.last_activity) - Date.parse(a.last_activity) ||
  (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/**
 * A thread as it is after an event. Events know nothing of one's own reading, so `me` is carried over and the messages that
 * came in between count as unread; an event that a newer one has overtaken does not turn the head back.
 */
const merged = (held: Thread | undefined, event: Thread): Thread => {
  if (!held) return event.me ? event : { ...event, me: { read_seq: 0, unread_count: event.message_count } };
  const newer = event.head_rev >= held.head_rev ? event : { ...event, ...headOf(held) };
  if (event.me || !held.me) return newer;
  const come = Math.max(0, newer.last_seq - held.last_seq);
  // What has been read here may be ahead of what the list knows to be there.
  const unread = Math.min(held.me.unread_count + come, Math.max(0, newer.last_seq - held.me.read_seq));
  return { ...newer, me: { ...held.me, unread_count: unread } };
};

const headOf = ({ message_count, last_activity, last_seq, head_rev }: Thread) => ({ message_count, last_activity, last_seq, head_rev });

/** Puts threads from an event or a page into their places. */
export const withThreads = (state: CommunityState, more: readonly Thread[]): CommunityState => {
  const threads = new Map(state.threads.map((thread) => [thread.id, thread]));
  for (const thread of more) threads.set(thread.id, merged(threads.get(thread.id), thread));
  return { ...state, threads: [...threads.values()].sort(byPlace) };
};

export const withoutThread = (state: CommunityState, threadId: string): CommunityState => ({
  ...state,
  threads: state.threads.filter((thread) => thread.id !== threadId),
});

/** Oneself has read a thread up to seq: what is left unread is at most what came after it. */
export const withRead = (state: CommunityState, threadId: string, seq: number): CommunityState => ({
  ...state,
  threads: state.threads.map((thread) =>
    thread.id === threadId && thread.me && seq > thread.me.read_seq
      ? { ...thread, me: { read_seq: seq, unread_count: Math.min(thread.me.unread_count, Math.max(0, thread.last_seq - seq)) } }
      : thread,
  ),
});

export const withMembers = (state: CommunityState, more: readonly Membership[]): CommunityState => {
  const members = new Map(state.members);
  for (const one of more) members.set(one.member.id, one);
  return { ...state, members };
};

/** Someone joined; what role they have beyond that is learnt with the next load. */
export const withJoined = (state: CommunityState, member: Member, joinedAt: string): CommunityState =>
  state.members.has(member.id)
    ? state
    : withMembers(state, [{ member, role: 'member', joined_at: joinedAt, muted_until: null, is_banned: false }]);

export const withoutMember = (state: CommunityState, memberId: string): CommunityState => {
  const members = new Map(state.members);
  members.delete(memberId);
  return { ...state, members };
};

export const withPresence = (state: CommunityState, memberId: string, presence: Presence): CommunityState => {
  const held = state.members.get(memberId);
  return held ? withMembers(state, [{ ...held, member: { ...held.member, presence } }]) : state;
};

/** Who owns is said by the community alone; who owned it until now is a moderator. */
const roleUnder = (ownerId: string, memberId: string | null, role: Role): Role =>
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

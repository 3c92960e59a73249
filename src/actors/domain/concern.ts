import { isClosedThread } from '../../authority/closure.js';
import { isMemberWhoViews } from '../../store/closing.js';
import type { CommunityRecord, MembershipRecord, MessageRecord, NotificationRecord, Store, ThreadRecord } from '../../store/contracts.js';

/** Whom something that was said concerns, and why. Notifications follow from this alone, and go when it does not hold any more. */
export type Concerned = ReadonlyMap<string, NotificationRecord['kind']>;

const nobody: Concerned = new Map();

/** Those whom a living message mentions, else the author of what it answers; never its own author. */
export const concernedBy = (
  m: Pick<MessageRecord, 'deleted_at' | 'mentions' | 'author'>,
  /** The author of what it answers. */
  answered: string | undefined,
): Concerned => {
  if (m.deleted_at !== null) return nobody;
  const concerned = new Map<string, NotificationRecord['kind']>();
  if (answered !== undefined) concerned.set(answered, 'reply');
  for (const member of m.mentions) concerned.set(member, 'mention');
  concerned.delete(m.author);
  return concerned;
};

/** Those whom the opening text of a living thread mentions; never its own author. */
export const concernedByOpening = ({ deleted_at, mentions = [], created_by }: ThreadRecord): Concerned =>
  deleted_at !== null ? nobody : new Map(mentions.filter((member) => member !== created_by).map((member) => [member, 'mention']));

/** What a notification is about, by id: its message, or its thread when it is about the opening text. */
export const causeOf = (n: Pick<NotificationRecord, 'message_id' | 'thread_id'>): string => n.message_id ?? n.thread_id;

/** Of each message the author of what it answers. */
export const answeredBy = async (
  store: Pick<Store, 'messages'>,
  messages: readonly MessageRecord[],
): Promise<(m: MessageRecord) => string | undefined> => {
  const ids = [...new Set(messages.flatMap((m) => (m.deleted_at === null ? (m.reply_to ?? []) : [])))];
  const originals = ids.length === 0 ? [] : await store.messages.byIds(ids);
  const authors = new Map(originals.map((m) => [m.id, m.author]));
  return (m) => (m.reply_to === null ? undefined : authors.get(m.reply_to));
};

type Place = Pick<ThreadRecord, 'community_id' | 'overrides'>;

/**
 * Whether somebody is a member who may view a thread, as the store is now; each membership is asked for once, and each community of a
 * closed thread.
 */
export const viewing = (store: Pick<Store, 'memberships' | 'communities'>): ((thread: Place, memberId: string) => Promise<boolean>) => {
  const memberships = new Map<string, Promise<MembershipRecord | null>>();
  const communities = new Map<string, Promise<CommunityRecord | null>>();
  return async (thread, memberId) => {
    const id = thread.community_id;
    const membership = once(memberships, `${id} ${memberId}`, () => store.memberships.get(id, memberId));
    const community = isClosedThread(thread) ? once(communities, id, () => store.communities.byId(id)) : null;
    // Together: while one is waited for, the other's failure would be nobody's.
    const [place, standing] = await Promise.all([community, membership]);
    return isMemberWhoViews(thread, place, standing);
  };
};

const once = <T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> => {
  const asked = known.get(key) ?? ask();
  known.set(key, asked);
  return asked;
};

/**
 * Of some notifications those that follow from nothing any more, as the store is now: their message or thread was deleted or says
 * something else, or their member does not belong to the community or may not view the thread. They lead nowhere.
 */
export const fallen = async (
  store: Pick<Store, 'messages' | 'threads' | 'communities' | 'memberships'>,
  notifications: readonly NotificationRecord[],
): Promise<NotificationRecord[]> => {
  if (notifications.length === 0) return [];
  const each = (idOf: (n: NotificationRecord) => string | null): string[] => [...new Set(notifications.flatMap((n) => idOf(n) ?? []))];
  const memberships = new Map<string, Promise<MembershipRecord | null>>();
  const membershipOf = (n: NotificationRecord): Promise<MembershipRecord | null> =>
    once(memberships, `${n.community_id} ${n.member_id}`, () => store.memberships.get(n.community_id, n.member_id));
  const [threads, communities, standings, messages] = await Promise.all([
    store.threads.byIds(each((n) => n.thread_id)),
    store.communities.byIds(each((n) => n.community_id)),
    Promise.all(notifications.map(membershipOf)),
    store.messages.byIds(each((n) => n.message_id)),
  ]);
  const answered = await answeredBy(store, messages);
  const living = new Map(threads.filter((thread) => thread.deleted_at === null).map((thread) => [thread.id, thread]));
  const places = new Map(communities.map((community) => [community.id, community]));
  const concerned = new Map<string, Concerned>([
    ...messages.map((m) => [m.id, concernedBy(m, answered(m))] as const),
    ...[...living.values()].map((thread) => [thread.id, concernedByOpening(thread)] as const),
  ]);
  const stands = (n: NotificationRecord, at: number): boolean => {
    const [thread, community] = [living.get(n.thread_id), places.get(n.community_id)];
    if (!thread || (community && community.deleted_at !== null)) return false;
    return isMemberWhoViews(thread, community, standings[at]!) && concerned.get(causeOf(n))?.get(n.member_id) === n.kind;
  };
  return notifications.filter((n, at) => !stands(n, at));
};

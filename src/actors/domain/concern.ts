import type { MessageRecord, NotificationRecord, Store, ThreadRecord } from '../../store/contracts.js';

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

/** Whether a member belongs to a community; each pair is asked for once. */
export const belonging = (store: Pick<Store, 'memberships'>): ((communityId: string, memberId: string) => Promise<boolean>) => {
  const known = new Map<string, Promise<boolean>>();
  return (communityId, memberId) => {
    const key = `${communityId} ${memberId}`;
    const belongs = known.get(key) ?? store.memberships.get(communityId, memberId).then((m) => m?.state === 'active');
    known.set(key, belongs);
    return belongs;
  };
};

/**
 * Of some notifications those that follow from nothing any more, as the store is now: their message or thread was deleted or says
 * something else, or their member does not belong to the community. They lead nowhere.
 */
export const fallen = async (
  store: Pick<Store, 'messages' | 'threads' | 'communities' | 'memberships'>,
  notifications: readonly NotificationRecord[],
): Promise<NotificationRecord[]> => {
  if (notifications.length === 0) return [];
  const each = (idOf: (n: NotificationRecord) => string | null): string[] => [...new Set(notifications.flatMap((n) => idOf(n) ?? []))];
  const belongs = belonging(store);
  const [threads, communities, standings, messages] = await Promise.all([
    store.threads.byIds(each((n) => n.thread_id)),
    store.communities.byIds(each((n) => n.community_id)),
    Promise.all(notifications.map((n) => belongs(n.community_id, n.member_id))),
    store.messages.byIds(each((n) => n.message_id)),
  ]);
  const answered = await answeredBy(store, messages);
  const living = new Map(threads.filter((thread) => thread.deleted_at === null).map((thread) => [thread.id, thread]));
  const closed = new Set(communities.filter((community) => community.deleted_at !== null).map((community) => community.id));
  const concerned = new Map<string, Concerned>([
    ...messages.map((m) => [m.id, concernedBy(m, answered(m))] as const),
    ...[...living.values()].map((thread) => [thread.id, concernedByOpening(thread)] as const),
  ]);
  const stands = (n: NotificationRecord, at: number): boolean =>
    standings[at] === true &&
    living.has(n.thread_id) &&
    !closed.has(n.community_id) &&
    concerned.get(causeOf(n))?.get(n.member_id) === n.kind;
  return notifications.filter((n, at) => !stands(n, at));
};

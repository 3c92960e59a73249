import { isClosedThread } from '../../../authority/closure.js';
import { isMemberWhoViews } from '../../../store/closing.js';
import type { MembershipRecord, NotificationRecord, SessionRecord, Store } from '../../../store/contracts.js';
import { toNotification, toOwnMembership, toOwnSession } from '../../../store/resources.js';
import { type CopySource, copiedAtOnce } from '../../ledger/copies.js';
import type { Ledger } from '../../ledger/ledger.js';

/** So many of the newest notifications are items. */
export const notificationWindow = 1_000;
/** So many sessions are items, those that began last. */
const mostSessions = 200;

/** By community. Of one that was left, and of one that was deleted, there is no item. */
const memberships = ({ memberships: records, communities }: Store): CopySource<MembershipRecord> => ({
  kind: 'membership',
  records,
  shown: async (those) => {
    const active = those.flatMap(({ record }) => (record?.state === 'active' ? [record] : []));
    const places = new Map((await communities.byIds(active.map(({ community_id }) => community_id))).map((place) => [place.id, place]));
    const values = active.flatMap((record) => {
      const place = places.get(record.community_id);
      return place?.deleted_at === null ? [[record.community_id, toOwnMembership(place, record)] as const] : [];
    });
    return { values: new Map(values) };
  },
});

/** Those of threads that the member may view, as one of their community: what is copied late must not tell of what they have lost meanwhile. */
const viewed = async (store: Store, memberId: string, records: readonly NotificationRecord[]): Promise<NotificationRecord[]> => {
  if (records.length === 0) return [];
  const threads = new Map((await store.threads.byIds(records.map(({ thread_id }) => thread_id))).map((thread) => [thread.id, thread]));
  const memberships = new Map((await store.memberships.listByMember(memberId)).map((one) => [one.community_id, one]));
  const closed = [...threads.values()].filter(isClosedThread);
  const places = closed.length === 0 ? [] : await store.communities.byIds(closed.map((one) => one.community_id));
  const communities = new Map(places.map((one) => [one.id, one]));
  return records.filter(({ thread_id, community_id }) => {
    const thread = threads.get(thread_id) ?? { community_id };
    return isMemberWhoViews(thread, communities.get(community_id), memberships.get(community_id) ?? null);
  });
};

/** By id, the newest ones alone. When there is a new one it is looked which of the old ones go. */
const notifications = (store: Store, memberId: string, ledger: Pick<Ledger, 'items'>): CopySource<NotificationRecord> => ({
  kind: 'notification',
  records: store.notifications,
  shown: async (those, items) => {
    const living = await viewed(
      store,
      memberId,
      those.flatMap(({ record }) => record ?? []),
    );
    const isNew = living.some(({ id }) => !items.has(id));
    const oldest = isNew ? await store.notifications.newest(memberId, notificationWindow) : null;
    const kept = living.filter(({ id }) => oldest === null || id >= oldest);
    const values = new Map(kept.map((record) => [record.id, toNotification(record)]));
    if (oldest === null) return { values };
    const lowest = await ledger.items('notification', copiedAtOnce);
    return { values, beyond: lowest.map(({ key }) => key).filter((key) => key < oldest) };
  },
});

/** By id. One that expires is removed by the store and marks nothing: each look compares all items with what is there. */
const sessions = ({ sessions: records }: Store, now: () => number, ledger: Pick<Ledger, 'items'>): CopySource<SessionRecord> => ({
  kind: 'session',
  records,
  looksBeyond: true,
  shown: async (those) => {
    const isLiving = (record: SessionRecord): boolean => record.ended_at === null && record.expires_at > now();
    const values = those.flatMap(({ record }) => (record && isLiving(record) ? [[record.id, toOwnSession(record)] as const] : []));
    const keys = (await ledger.items('session', mostSessions + 2 * copiedAtOnce)).map(({ key }) => key);
    const living = new Set((await records.byIds(keys)).filter(isLiving).map(({ id }) => id));
    const gone = keys.filter((key) => !living.has(key));
    const tooMany = Math.max(0, living.size + values.length - mostSessions);
    const oldest = keys.filter((key) => living.has(key)).slice(0, tooMany);
    return { values: new Map(values), beyond: [...gone, ...oldest].slice(0, copiedAtOnce) };
  },
});

export const copiedSources = (store: Store, memberId: string, now: () => number, ledger: Pick<Ledger, 'items'>): CopySource[] =>
  [memberships(store), notifications(store, memberId, ledger), sessions(store, now, ledger)] as CopySource[];

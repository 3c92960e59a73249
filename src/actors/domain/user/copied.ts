import type { MembershipRecord, NotificationRecord, ReadRecord, SessionRecord, Store, ThreadRecord } from '../../../store/contracts.js';
import { toNotification, toOwnMembership, toOwnSession } from '../../../store/resources.js';
import { type CopySource, copiedAtOnce } from '../../ledger/copies.js';
import type { Ledger } from '../../ledger/ledger.js';
import { viewing } from '../concern.js';

/** So many of the newest notifications are items. */
export const notificationWindow = 1_000;
/** So many sessions are items, those that began last. */
const mostSessions = 200;

interface Parts {
  store: Store;
  memberId: string;
  ledger: Pick<Ledger, 'items'>;
  now(): number;
  gatherMs(): number;
  /** How many items of `read` there are; absent: not known. */
  marks: { count?: number };
}

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

/**
 * Threads of those that there are, as far as the member may view them: what is copied late must not tell of one that
 * they lost meanwhile.
 */
const viewed = async (store: Store, memberId: string, threadIds: readonly string[]): Promise<Map<string, ThreadRecord>> => {
  const threads = await store.threads.byIds([...new Set(threadIds)]);
  const views = viewing(store);
  const isViewed = await Promise.all(threads.map(async (thread) => thread.deleted_at === null && (await views(thread, memberId))));
  return new Map(threads.filter((_, at) => isViewed[at]).map((thread) => [thread.id, thread]));
};

/** Without those of threads that the member may not view, as one of their community. */
const ofViewed = async (store: Store, memberId: string, records: readonly NotificationRecord[]): Promise<NotificationRecord[]> => {
  const threads = new Map((await store.threads.byIds(records.map(({ thread_id }) => thread_id))).map((thread) => [thread.id, thread]));
  const views = viewing(store);
  const isViewed = await Promise.all(
    records.map(({ thread_id, community_id }) => views(threads.get(thread_id) ?? { community_id }, memberId)),
  );
  return records.filter((_, at) => isViewed[at]);
};

/** By id, the newest ones alone. When there is a new one it is looked which of the old ones go. */
const notifications = ({ store, memberId, ledger }: Parts): CopySource<NotificationRecord> => ({
  kind: 'notification',
  records: store.notifications,
  shown: async (those, items) => {
    const living = await ofViewed(
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

/**
 * By id. One that expires is removed by the store and marks nothing: each look compares all items with what is there.
 */
const sessions = ({ store: { sessions: records }, now, ledger }: Parts): CopySource<SessionRecord> => ({
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

/** So many marks are items at most, and so many of the oldest go at once when there would be more. */
export const readWindow = 1_000;
const readsAtOnce = 100;

/**
 * By thread, the newest ones alone. Left out where the thread is not there or not theirs to view (any more). How many
 * there are is counted once, and again when there may be too many.
 */
const reads = ({ store, memberId, ledger, gatherMs, marks }: Parts): CopySource<ReadRecord> => {
  const beyond = async (keys: ReadonlySet<string>): Promise<string[]> => {
    const there = await ledger.items('read', readWindow + copiedAtOnce);
    const all = there.length + [...keys].filter((key) => !there.some((item) => item.key === key)).length;
    marks.count = all;
    if (all <= readWindow) return [];
    const oldest = there.filter(({ key }) => !keys.has(key)).sort((a, b) => a.rev - b.rev);
    const going = oldest.slice(0, readsAtOnce).map(({ key }) => key);
    marks.count -= going.length;
    return going;
  };
  return {
    kind: 'read',
    records: store.reads,
    gatherMs,
    shown: async (those, items) => {
      const records = those.flatMap(({ record }) => record ?? []);
      const ids = records.map(({ thread_id }) => thread_id);
      const threads = await viewed(store, memberId, ids);
      const values = new Map(
        records.flatMap(({ thread_id, seq }) => {
          const thread = threads.get(thread_id);
          return thread ? [[thread_id, { community_id: thread.community_id, last_read_seq: seq }] as const] : [];
        }),
      );
      const fresh = [...values.keys()].filter((key) => !items.has(key));
      if (fresh.length === 0) return { values };
      const mayBe = marks.count === undefined ? Number.POSITIVE_INFINITY : marks.count + fresh.length;
      if (mayBe > readWindow) return { values, beyond: await beyond(new Set(values.keys())) };
      marks.count = mayBe;
      return { values };
    },
  };
};

export const copiedSources = (parts: Parts): CopySource[] =>
  [memberships(parts.store), notifications(parts), sessions(parts), reads(parts)] as CopySource[];

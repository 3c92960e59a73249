import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import type { NotificationRecord, NotificationRepository, Slice, Untold } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { insertMissing } from './bulk.js';
import { reading, writing } from './faults.js';
import { date, dateOrNull, msOrNull, oid, oids, type Present, present } from './fields.js';
import { batchSize } from './point-reads.js';
import { MongoUntold, newMark, type UntoldFields } from './untold.js';

/** So many go by one command. */
const removedAtOnce = 5_000;

const fieldsOf = (notification: NotificationRecord) => ({
  member_id: oid(notification.member_id),
  kind: notification.kind,
  community_id: oid(notification.community_id),
  thread_id: oid(notification.thread_id),
  // The thread's id says that it is about the opening text: so one unique index does for both, and one look by cause.
  message_id: oid(notification.message_id ?? notification.thread_id),
  seq: notification.seq,
  actor: oid(notification.actor),
  created_at: date(notification.created_at),
  read_at: dateOrNull(notification.read_at),
});

/** `unread` stands only on unread ones: the partial index of what is still to be read rests on it. */
type NotificationDocument = Present<ReturnType<typeof fieldsOf>> & UntoldFields & { _id: ObjectId; unread?: true };

const toDocument = (notification: NotificationRecord): NotificationDocument => ({
  _id: oid(notification.id),
  ...present(fieldsOf(notification)),
  ...(notification.read_at === null && { unread: true }),
});

/** Keeps those out of which nothing but the name is left: they sort behind all others. */
const sinceEver = { created_at: { $gte: new Date(0) } };
/** Of what is removed nothing is left by which it would be found, and its cause may have another. */
const leftOver = ['community_id', 'thread_id', 'seq', 'actor', 'created_at', 'read_at', 'unread'];

const toRecord = (document: NotificationDocument): NotificationRecord => ({
  id: document._id.toHexString(),
  member_id: document.member_id.toHexString(),
  kind: document.kind,
  community_id: document.community_id.toHexString(),
  thread_id: document.thread_id.toHexString(),
  message_id: document.message_id.equals(document.thread_id) ? null : document.message_id.toHexString(),
  seq: document.seq,
  actor: document.actor.toHexString(),
  created_at: document.created_at.getTime(),
  read_at: msOrNull(document.read_at),
});

export class MongoNotifications implements NotificationRepository {
  readonly #notifications: Collection<NotificationDocument>;
  readonly #bound: ReadBound;
  readonly #untold: MongoUntold<NotificationDocument, NotificationRecord>;

  constructor(db: Db, bound: ReadBound) {
    this.#notifications = db.collection('notifications');
    this.#bound = bound;
    this.#untold = new MongoUntold(this.#notifications, bound, {
      keyOf: ({ _id }) => _id.toHexString(),
      named: (keys) => ({ _id: { $in: oids(keys) } }),
      toRecord,
    });
  }

  async insert(notifications: readonly NotificationRecord[]): Promise<NotificationRecord[]> {
    const mark = newMark();
    const added = await insertMissing(
      this.#notifications,
      notifications.map(toDocument).map((document) => ({ ...document, ...mark })),
    );
    return added.map(toRecord);
  }

  async list(
    memberId: string,
    filter: { unread?: boolean | undefined },
    slice: Slice<{ created_at: number; id: string }>,
  ): Promise<NotificationRecord[]> {
    const wanted: Filter<NotificationDocument> = { member_id: oid(memberId), ...sinceEver };
    if (filter.unread) wanted.unread = true;
    else if (filter.unread === false) wanted.unread = { $exists: false };
    if (slice.after) {
      const at = date(slice.after.created_at);
      wanted.created_at = { ...sinceEver.created_at, $lte: at };
      wanted.$or = [{ created_at: { $lt: at } }, { _id: { $lt: oid(slice.after.id) } }];
    }
    const found = await reading(() =>
      this.#notifications.find(wanted, this.#bound).sort({ created_at: -1, _id: -1 }).limit(slice.limit).toArray(),
    );
    return found.map(toRecord);
  }

  async newest(memberId: string, count: number): Promise<string | null> {
    const [found] = await reading(() =>
      this.#notifications
        .find({ member_id: oid(memberId), ...sinceEver }, this.#bound)
        .sort({ created_at: -1, _id: -1 })
        .skip(count - 1)
        .limit(1)
        .project<{ _id: ObjectId }>({ _id: 1 })
        .toArray(),
    );
    return found?._id.toHexString() ?? null;
  }

  async countUnread(memberId: string, most: number): Promise<number> {
    const unread = { member_id: oid(memberId), unread: true as const };
    return reading(() => this.#notifications.countDocuments(unread, { limit: most, ...this.#bound }));
  }

  async markRead(memberId: string, ids: readonly string[] | undefined, at: number): Promise<number> {
    if (ids?.length === 0) return 0;
    return this.#markRead({ member_id: oid(memberId), ...(ids && { _id: { $in: oids(ids) } }) }, at);
  }

  markReadIn(memberId: string, place: { thread_id: string } | { community_id: string }, at: number): Promise<number> {
    const there = 'thread_id' in place ? { thread_id: oid(place.thread_id) } : { community_id: oid(place.community_id) };
    return this.#markRead({ member_id: oid(memberId), ...there }, at);
  }

  async #markRead(which: Filter<NotificationDocument>, at: number): Promise<number> {
    const result = await writing(() =>
      this.#notifications.updateMany({ ...which, unread: true }, { $set: { read_at: date(at), ...newMark() }, $unset: { unread: '' } }),
    );
    return result.modifiedCount;
  }

  async causedBy(causes: readonly string[]): Promise<NotificationRecord[]> {
    if (causes.length === 0) return [];
    const wanted = { message_id: { $in: oids(causes) } };
    const found = await reading(() => this.#notifications.find(wanted, { batchSize, ...this.#bound }).toArray());
    return found.map(toRecord);
  }

  behind(id: string | undefined, limit: number): Promise<NotificationRecord[]> {
    return this.#byId({ gone: { $exists: false } }, id, limit);
  }

  inThread(threadId: string, after: string | undefined, limit: number): Promise<NotificationRecord[]> {
    return this.#byId({ thread_id: oid(threadId) }, after, limit);
  }

  async #byId(which: Filter<NotificationDocument>, after: string | undefined, limit: number): Promise<NotificationRecord[]> {
    const wanted = after === undefined ? which : { ...which, _id: { $gt: oid(after) } };
    const found = await reading(() =>
      this.#notifications
        .find(wanted, { batchSize, ...this.#bound })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(toRecord);
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += removedAtOnce)
      await this.#remove({ _id: { $in: oids(ids.slice(from, from + removedAtOnce)) } });
  }

  removeByThread(threadId: string): Promise<void> {
    return this.#remove({ thread_id: oid(threadId) });
  }

  removeByCommunity(communityId: string): Promise<void> {
    return this.#remove({ community_id: oid(communityId) });
  }

  removeOfMember(communityId: string, memberId: string): Promise<void> {
    return this.#remove({ community_id: oid(communityId), member_id: oid(memberId) });
  }

  async #remove(which: Filter<NotificationDocument>): Promise<void> {
    const gone = { message_id: '$_id', gone: true, ...newMark() };
    await writing(() => this.#notifications.updateMany({ ...which, gone: { $exists: false } }, [{ $set: gone }, { $unset: leftOver }]));
  }

  untold(memberId: string, limit: number): Promise<Untold<NotificationRecord>[]> {
    return this.#untold.untold(memberId, limit);
  }

  told(memberId: string, those: readonly Untold<NotificationRecord>[]): Promise<void> {
    return this.#untold.told(memberId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }
}

import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import type { Slice, ThreadPatch, ThreadRecord, ThreadRepository } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { insertMissing } from './bulk.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo, date, dateOrNull, filledOrNull, isEmpty, msOrNull, oid, oids, present } from './fields.js';
import { batchSize, PointReads } from './point-reads.js';

const toDocument = (thread: ThreadRecord) =>
  present({
    _id: oid(thread.id),
    community_id: oid(thread.community_id),
    title: thread.title,
    content: thread.content,
    created_by: oid(thread.created_by),
    created_at: date(thread.created_at),
    updated_at: date(thread.updated_at),
    last_activity: date(thread.last_activity),
    is_pinned: thread.is_pinned,
    tags: thread.tags,
    deleted_at: dateOrNull(thread.deleted_at),
    mentions: filledOrNull(thread.mentions && oids(thread.mentions)),
    mention_names: filledOrNull(thread.mention_names),
    message_count: thread.message_count,
    last_seq: thread.last_seq,
    head_rev: thread.head_rev,
    floor_seq: thread.floor_seq,
    floor_rev: thread.floor_rev,
  });

type ThreadDocument = ReturnType<typeof toDocument> & { _id: ObjectId };

const toRecord = (document: ThreadDocument): ThreadRecord => ({
  id: document._id.toHexString(),
  community_id: document.community_id.toHexString(),
  title: document.title,
  content: document.content ?? null,
  created_by: document.created_by.toHexString(),
  created_at: document.created_at.getTime(),
  updated_at: document.updated_at.getTime(),
  last_activity: document.last_activity.getTime(),
  is_pinned: document.is_pinned,
  tags: document.tags,
  deleted_at: msOrNull(document.deleted_at),
  ...(document.mentions && { mentions: document.mentions.map((id) => id.toHexString()) }),
  ...(document.mention_names && { mention_names: document.mention_names }),
  message_count: document.message_count,
  last_seq: document.last_seq,
  head_rev: document.head_rev,
  floor_seq: document.floor_seq,
  floor_rev: document.floor_rev,
});

const patchFields = (patch: ThreadPatch) => ({
  ...patch,
  ...(patch.updated_at !== undefined && { updated_at: date(patch.updated_at) }),
  ...(patch.last_activity !== undefined && { last_activity: date(patch.last_activity) }),
  ...(patch.deleted_at !== undefined && { deleted_at: dateOrNull(patch.deleted_at) }),
  ...(patch.mentions && { mentions: filledOrNull(oids(patch.mentions)), mention_names: filledOrNull(patch.mention_names) }),
});

type ThreadPlace = { is_pinned: boolean; last_activity: number; id: string };

export class MongoThreads implements ThreadRepository {
  readonly #threads: Collection<ThreadDocument>;
  readonly #bound: ReadBound;
  readonly #byId: PointReads<ThreadRecord>;

  constructor(db: Db, bound: ReadBound) {
    this.#threads = db.collection('threads');
    this.#bound = bound;
    this.#byId = new PointReads(async (ids) => new Map((await this.byIds(ids)).map((thread) => [thread.id, thread])));
  }

  async insert(thread: ThreadRecord): Promise<void> {
    try {
      await writing(() => this.#threads.insertOne(toDocument(thread)));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async putMissing(threads: readonly ThreadRecord[]): Promise<void> {
    await insertMissing(this.#threads, threads.map(toDocument));
  }

  byId(id: string): Promise<ThreadRecord | null> {
    return this.#byId.get(id);
  }

  async byIds(ids: readonly string[]): Promise<ThreadRecord[]> {
    if (ids.length === 0) return [];
    const found = await reading(() => this.#threads.find({ _id: { $in: oids(ids) } }, { batchSize, ...this.#bound }).toArray());
    return found.map(toRecord);
  }

  async update(id: string, patch: ThreadPatch): Promise<ThreadRecord | null> {
    const changes = changesTo(patchFields(patch));
    if (isEmpty(changes)) return this.byId(id);
    const changed = await writing(() => this.#threads.findOneAndUpdate({ _id: oid(id) }, changes, { returnDocument: 'after' }));
    return changed && toRecord(changed);
  }

  async setHeads(
    heads: readonly { id: string; last_seq: number; head_rev: number; message_count: number; last_activity: number }[],
  ): Promise<void> {
    if (heads.length === 0) return;
    await writing(() =>
      this.#threads.bulkWrite(
        heads.map(({ id, last_seq, head_rev, message_count, last_activity }) => ({
          updateOne: {
            filter: { _id: oid(id), head_rev: { $lte: head_rev } },
            update: { $set: { last_seq, head_rev, message_count, last_activity: date(last_activity) } },
          },
        })),
        { ordered: false },
      ),
    );
  }

  /** One walk along the index for the pinned ones and one for the others, so that neither is ever sorted by hand. */
  async listByCommunity(communityId: string, slice: Slice<ThreadPlace>): Promise<ThreadRecord[]> {
    const { after, limit } = slice;
    const pinned = !after || after.is_pinned ? await this.#walk(communityId, true, after, limit) : [];
    if (pinned.length >= limit) return pinned;
    const others = await this.#walk(communityId, false, after && !after.is_pinned ? after : undefined, limit - pinned.length);
    return [...pinned, ...others];
  }

  async #walk(communityId: string, pinned: boolean, after: ThreadPlace | undefined, limit: number): Promise<ThreadRecord[]> {
    const filter: Filter<ThreadDocument> = { community_id: oid(communityId), is_pinned: pinned, deleted_at: { $exists: false } };
    if (after) {
      const at = date(after.last_activity);
      filter.last_activity = { $lte: at };
      filter.$or = [{ last_activity: { $lt: at } }, { _id: { $gt: oid(after.id) } }];
    }
    const found = await reading(() => this.#threads.find(filter, this.#bound).sort({ last_activity: -1, _id: 1 }).limit(limit).toArray());
    return found.map(toRecord);
  }

  async latestActivity(communityIds: readonly string[]): Promise<Map<string, number>> {
    if (communityIds.length === 0) return new Map();
    const found = await reading(() =>
      this.#threads
        .aggregate<{ _id: ObjectId; at: Date }>(
          [
            { $match: { community_id: { $in: oids(communityIds) }, deleted_at: { $exists: false } } },
            { $group: { _id: '$community_id', at: { $max: '$last_activity' } } },
          ],
          { batchSize, ...this.#bound },
        )
        .toArray(),
    );
    return new Map(found.map(({ _id, at }) => [_id.toHexString(), at.getTime()]));
  }

  async deleteByCommunity(communityId: string, at: number): Promise<number> {
    const result = await writing(() =>
      this.#threads.updateMany({ community_id: oid(communityId), deleted_at: { $exists: false } }, { $set: { deleted_at: date(at) } }),
    );
    return result.modifiedCount;
  }
}

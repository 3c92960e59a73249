import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import type { Audience } from '../../authority/closure.js';
import { memberSubject } from '../../authority/snapshot.js';
import type {
  ClosedThread,
  OverridesChange,
  Slice,
  ThreadHead,
  ThreadPatch,
  ThreadRecord,
  ThreadRepository,
  Untold,
} from '../contracts.js';
import { changesItem, isToldToAll, overridesChangeItems } from '../thread-items.js';
import type { ReadBound } from './bound.js';
import { insertMissing } from './bulk.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo, date, isEmpty, oid, oids } from './fields.js';
import { batchSize, PointReads } from './point-reads.js';
import { closedSeen, hidden, seenIn } from './thread-audience.js';
import { overrideChanges, patchFields, type ThreadDocument, toDocument, toRecord } from './thread-document.js';
import { MongoThreadHeads } from './thread-heads.js';
import { MongoUntold, newMark } from './untold.js';

const rescopedAtOnce = 500;

type ThreadPlace = { is_pinned: boolean; last_activity: number; id: string };

/** What nobody may read with the community is not told there. */
const marked = (thread: ThreadRecord): ThreadDocument => ({ ...toDocument(thread), ...(isToldToAll(thread) && newMark()) });

export class MongoThreads implements ThreadRepository {
  readonly #threads: Collection<ThreadDocument>;
  readonly #bound: ReadBound;
  readonly #byId: PointReads<ThreadRecord>;
  readonly #heads: MongoThreadHeads;
  readonly #untold: MongoUntold<ThreadDocument, ThreadRecord>;

  constructor(db: Db, bound: ReadBound) {
    this.#threads = db.collection('threads');
    this.#bound = bound;
    this.#heads = new MongoThreadHeads(this.#threads, bound);
    this.#untold = new MongoUntold(this.#threads, bound, {
      keyOf: ({ _id }) => _id.toHexString(),
      named: (keys) => ({ _id: { $in: oids(keys) } }),
      toRecord,
      whose: 'community_id',
    });
    this.#byId = new PointReads(async (ids) => new Map((await this.byIds(ids)).map((thread) => [thread.id, thread])));
  }

  async insert(thread: ThreadRecord): Promise<void> {
    try {
      await writing(() => this.#threads.insertOne(marked(thread)));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async putMissing(threads: readonly ThreadRecord[]): Promise<void> {
    await insertMissing(this.#threads, threads.map(marked));
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
    const changes = changesTo({ ...patchFields(patch), ...(changesItem(patch) && newMark()) });
    if (isEmpty(changes)) return this.byId(id);
    const changed = await writing(() => this.#threads.findOneAndUpdate({ _id: oid(id) }, changes, { returnDocument: 'after' }));
    return changed && toRecord(changed);
  }

  async setOverrides({ id, community_id }: Pick<ThreadRecord, 'id' | 'community_id'>, change: OverridesChange): Promise<boolean> {
    const overrides_version = change.overrides_version === 1 ? { $exists: false } : change.overrides_version - 1;
    const changes = changesTo({ ...overrideChanges(community_id, change), ...(overridesChangeItems(change) && newMark()) });
    const { matchedCount } = await writing(() => this.#threads.updateOne({ _id: oid(id), overrides_version }, changes));
    return matchedCount > 0;
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
  async listByCommunity(communityId: string, slice: Slice<ThreadPlace>, audience: Audience): Promise<ThreadRecord[]> {
    const { after, limit } = slice;
    const place = { community_id: oid(communityId), deleted_at: { $exists: false }, ...seenIn(communityId, audience) };
    const pinned = !after || after.is_pinned ? await this.#walk({ ...place, is_pinned: true }, after, limit) : [];
    if (pinned.length >= limit) return pinned;
    const others = await this.#walk({ ...place, is_pinned: false }, after && !after.is_pinned ? after : undefined, limit - pinned.length);
    return [...pinned, ...others];
  }

  async #walk(place: Filter<ThreadDocument>, after: ThreadPlace | undefined, limit: number): Promise<ThreadRecord[]> {
    const filter: Filter<ThreadDocument> = { ...place };
    if (after) {
      const at = date(after.last_activity);
      filter.last_activity = { $lte: at };
      filter.$and = [{ $or: [{ last_activity: { $lt: at } }, { _id: { $gt: oid(after.id) } }] }];
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
            { $match: { community_id: { $in: oids(communityIds) }, deleted_at: { $exists: false }, hidden_from: { $exists: false } } },
            { $group: { _id: '$community_id', at: { $max: '$last_activity' } } },
          ],
          { batchSize, ...this.#bound },
        )
        .toArray(),
    );
    return new Map(found.map(({ _id, at }) => [_id.toHexString(), at.getTime()]));
  }

  closedSeenBy(audiences: ReadonlyMap<string, Audience>, limit: number): Promise<ClosedThread[]> {
    return this.#closed(audiences, limit, closedSeen);
  }

  heads(...asked: Parameters<ThreadRepository['heads']>): Promise<ThreadHead[]> {
    return this.#heads.read(...asked);
  }

  async naming(communityId: string, memberId: string, limit: number): Promise<string[]> {
    const filter = { named: memberSubject(memberId), community_id: oid(communityId), deleted_at: { $exists: false } };
    const found = await reading(() =>
      this.#threads
        .find(filter, { batchSize, ...this.#bound })
        .project<{ _id: ObjectId }>({ _id: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(({ _id }) => _id.toHexString());
  }

  async closedHiddenFrom(audiences: ReadonlyMap<string, Audience>, limit: number): Promise<Pick<ClosedThread, 'id' | 'community_id'>[]> {
    const found = await this.#closed(audiences, limit, hidden);
    return found.map(({ id, community_id }) => ({ id, community_id }));
  }

  async #closed(
    audiences: ReadonlyMap<string, Audience>,
    limit: number,
    which: (audiences: ReadonlyMap<string, Audience>) => Filter<ThreadDocument>,
  ): Promise<ClosedThread[]> {
    if (audiences.size === 0) return [];
    const filter = { deleted_at: { $exists: false }, ...which(audiences) };
    const found = await reading(() =>
      this.#threads
        .find(filter, { sort: { last_activity: -1, _id: 1 }, limit, batchSize: limit + 1, ...this.#bound })
        .project<Pick<ThreadDocument, '_id' | 'community_id' | 'last_activity'>>({ community_id: 1, last_activity: 1 })
        .toArray(),
    );
    return found.map(({ _id, community_id, last_activity }) => ({
      id: _id.toHexString(),
      community_id: community_id.toHexString(),
      last_activity: last_activity.getTime(),
    }));
  }

  /** Walked in pages rather than by one cursor, so that a long sweep holds nothing open. */
  async *rescopedSince(ms: number): AsyncIterable<{ thread_id: string; scope_since: number; head_rev: number }> {
    let from: Filter<ThreadDocument> = { scope_since: { $gte: date(ms) } };
    for (;;) {
      const filter: Filter<ThreadDocument> = { ...from, deleted_at: { $exists: false } };
      const page = await reading(() =>
        this.#threads.find(filter, { sort: { scope_since: 1, _id: 1 }, limit: rescopedAtOnce, ...this.#bound }).toArray(),
      );
      for (const { _id, scope_since, head_rev } of page) {
        yield { thread_id: _id.toHexString(), scope_since: scope_since!.getTime(), head_rev };
      }
      if (page.length < rescopedAtOnce) return;
      const { scope_since, _id } = page.at(-1)!;
      from = { scope_since: { $gte: scope_since! }, $or: [{ scope_since: { $gt: scope_since! } }, { _id: { $gt: _id } }] };
    }
  }

  async deleteByCommunity(communityId: string, at: number): Promise<number> {
    const result = await writing(() =>
      this.#threads.updateMany(
        { community_id: oid(communityId), deleted_at: { $exists: false } },
        { $set: { deleted_at: date(at) }, $unset: { untold: '' } },
      ),
    );
    return result.modifiedCount;
  }

  untold(communityId: string, limit: number): Promise<Untold<ThreadRecord>[]> {
    return this.#untold.untold(communityId, limit);
  }

  untoldAmong(communityId: string, ids: readonly string[]): Promise<Untold<ThreadRecord>[]> {
    return this.#untold.untold(communityId, ids.length, ids);
  }

  told(communityId: string, those: readonly Untold<ThreadRecord>[]): Promise<void> {
    return this.#untold.told(communityId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }
}

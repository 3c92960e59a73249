import type { Collection, Db, ObjectId } from 'mongodb';
import type { ReadRecord, ReadRepository, Untold } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll } from './bulk.js';
import { reading, writing } from './faults.js';
import { date, oid, oids } from './fields.js';
import { findPairs } from './pair-reads.js';
import { batchSize, PointReads } from './point-reads.js';
import { SharedWrites } from './shared-writes.js';
import { MongoUntold, newMark, type UntoldFields } from './untold.js';

/** So many of a deleted thread go by one command. */
const removedAtOnce = 1_000;

interface ReadDocument extends UntoldFields {
  _id: ObjectId;
  thread_id: ObjectId;
  member_id: ObjectId;
  seq: number;
  at: Date;
  quiet?: true;
}

const toRecord = (document: ReadDocument): ReadRecord => ({
  thread_id: document.thread_id.toHexString(),
  member_id: document.member_id.toHexString(),
  seq: document.seq,
  at: document.at.getTime(),
  ...(document.quiet && { is_quiet: true }),
});

const pairOf = (record: Pick<ReadRecord, 'thread_id' | 'member_id'>) => ({
  thread_id: oid(record.thread_id),
  member_id: oid(record.member_id),
});

/** The highest of each cursor, so that one write does not name a document twice; quiet if all of them are. */
const highest = (records: readonly ReadRecord[]): ReadRecord[] => {
  const best = new Map<string, ReadRecord>();
  for (const record of records) {
    const key = `${record.thread_id} ${record.member_id}`;
    const known = best.get(key);
    const isHigher = !known || known.seq < record.seq || (known.seq === record.seq && known.at < record.at);
    const { is_quiet, ...higher } = isHigher ? record : known;
    best.set(key, { ...higher, ...(is_quiet && (known ?? record).is_quiet && record.is_quiet && { is_quiet }) });
  }
  return [...best.values()];
};

/** What raises one: a pipeline, since all of it hangs on what is there. */
const raising = ({ seq, at, is_quiet }: ReadRecord) => {
  const isHigher = { $gt: [seq, { $ifNull: ['$seq', -1] }] };
  const isSame = { $eq: [seq, '$seq'] };
  const isQuiet = { $eq: ['$quiet', true] };
  const told = is_quiet
    ? { quiet: { $cond: [isHigher, true, '$quiet'] } }
    : {
        untold: { $cond: [{ $or: [isHigher, { $and: [isSame, isQuiet] }] }, newMark().untold, '$untold'] },
        quiet: { $cond: [{ $or: [isHigher, isSame] }, '$$REMOVE', '$quiet'] },
      };
  return {
    $set: {
      at: { $cond: [isHigher, date(at), { $cond: [isSame, { $max: ['$at', date(at)] }, '$at'] }] },
      seq: { $max: ['$seq', seq] },
      ...told,
    },
  };
};

/** Cursors of many threads that are raised meanwhile go in the next write together. */
export class MongoReads implements ReadRepository {
  readonly #reads: Collection<ReadDocument>;
  readonly #bound: ReadBound;
  readonly #gets: PointReads<ReadRecord>;
  readonly #raises: SharedWrites<ReadRecord>;
  readonly #untold: MongoUntold<ReadDocument, ReadRecord>;

  constructor(db: Db, bound: ReadBound) {
    this.#reads = db.collection('reads');
    this.#bound = bound;
    this.#gets = new PointReads((pairs) => this.#find(pairs));
    this.#raises = new SharedWrites((records) => this.#write(records), { items: 1_000 });
    this.#untold = new MongoUntold(this.#reads, bound, {
      keyOf: ({ thread_id }) => thread_id.toHexString(),
      named: (keys) => ({ thread_id: { $in: oids(keys) } }),
      toRecord,
    });
  }

  /** Resolves when no cursor is being stored. */
  idle(): Promise<void> {
    return this.#raises.idle();
  }

  get(threadId: string, memberId: string): Promise<ReadRecord | null> {
    return this.#gets.get(threadId, memberId);
  }

  async forMember(memberId: string, threadIds: readonly string[]): Promise<ReadRecord[]> {
    if (threadIds.length === 0) return [];
    const found = await reading(() =>
      this.#reads.find({ member_id: oid(memberId), thread_id: { $in: oids(threadIds) } }, this.#bound).toArray(),
    );
    return found.map(toRecord);
  }

  raise(records: readonly ReadRecord[]): Promise<void> {
    return this.#raises.add(records);
  }

  async inThread(threadId: string, after: string | undefined, limit: number): Promise<ReadRecord[]> {
    const behind = after === undefined ? {} : { member_id: { $gt: oid(after) } };
    const wanted = { thread_id: oid(threadId), gone: { $exists: false }, ...behind };
    const found = await reading(() =>
      this.#reads
        .find(wanted, { batchSize, ...this.#bound })
        .sort({ member_id: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(toRecord);
  }

  async leaveOut(those: readonly Pick<ReadRecord, 'thread_id' | 'member_id'>[]): Promise<void> {
    if (those.length === 0) return;
    const update = { $set: { quiet: true as const, ...newMark() } };
    await writing(() =>
      this.#reads.bulkWrite(
        those.map((one) => ({ updateOne: { filter: pairOf(one), update } })),
        { ordered: false },
      ),
    );
  }

  async removeByThread(threadId: string): Promise<void> {
    const there = { thread_id: oid(threadId), gone: { $exists: false } };
    for (;;) {
      const some = await reading(() =>
        this.#reads
          .find(there, { batchSize: removedAtOnce + 1, ...this.#bound })
          .project<{ _id: ObjectId }>({ _id: 1 })
          .limit(removedAtOnce)
          .toArray(),
      );
      if (some.length === 0) return;
      const those = { _id: { $in: some.map(({ _id }) => _id) } };
      await writing(() => this.#reads.updateMany(those, { $set: { gone: true as const, ...newMark() } }));
    }
  }

  untold(memberId: string, limit: number): Promise<Untold<ReadRecord>[]> {
    return this.#untold.untold(memberId, limit);
  }

  told(memberId: string, those: readonly Untold<ReadRecord>[]): Promise<void> {
    return this.#untold.told(memberId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }

  async #find(pairs: readonly string[]): Promise<Map<string, ReadRecord>> {
    const found = await findPairs(this.#reads, ['thread_id', 'member_id'], pairs, this.#bound);
    return new Map(found.map(toRecord).map((record) => [`${record.thread_id} ${record.member_id}`, record]));
  }

  async #write(records: readonly ReadRecord[]): Promise<void> {
    await upsertAll(
      this.#reads,
      highest(records).map((record) => ({
        updateOne: {
          filter: pairOf(record),
          update: [raising(record)],
          upsert: true,
        },
      })),
    );
  }
}

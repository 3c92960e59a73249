import type { Collection, Db, ObjectId } from 'mongodb';
import type { ReadRecord, ReadRepository } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll } from './bulk.js';
import { reading } from './faults.js';
import { date, oid, oids } from './fields.js';
import { findPairs } from './pair-reads.js';
import { PointReads } from './point-reads.js';
import { SharedWrites } from './shared-writes.js';

interface ReadDocument {
  _id: ObjectId;
  thread_id: ObjectId;
  member_id: ObjectId;
  seq: number;
  at: Date;
}

const toRecord = (document: ReadDocument): ReadRecord => ({
  thread_id: document.thread_id.toHexString(),
  member_id: document.member_id.toHexString(),
  seq: document.seq,
  at: document.at.getTime(),
});

/** The highest of each cursor, so that one write does not name a document twice. */
const highest = (records: readonly ReadRecord[]): ReadRecord[] => {
  const best = new Map<string, ReadRecord>();
  for (const record of records) {
    const key = `${record.thread_id} ${record.member_id}`;
    const known = best.get(key);
    if (!known || known.seq < record.seq || (known.seq === record.seq && known.at < record.at)) best.set(key, record);
  }
  return [...best.values()];
};

/** Cursors of many threads that are raised meanwhile go in the next write together. */
export class MongoReads implements ReadRepository {
  readonly #reads: Collection<ReadDocument>;
  readonly #bound: ReadBound;
  readonly #gets: PointReads<ReadRecord>;
  readonly #raises: SharedWrites<ReadRecord>;

  constructor(db: Db, bound: ReadBound) {
    this.#reads = db.collection('reads');
    this.#bound = bound;
    this.#gets = new PointReads((pairs) => this.#find(pairs));
    this.#raises = new SharedWrites((records) => this.#write(records), { items: 1_000 });
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

  async #find(pairs: readonly string[]): Promise<Map<string, ReadRecord>> {
    const found = await findPairs(this.#reads, ['thread_id', 'member_id'], pairs, this.#bound);
    return new Map(found.map(toRecord).map((record) => [`${record.thread_id} ${record.member_id}`, record]));
  }

  async #write(records: readonly ReadRecord[]): Promise<void> {
    await upsertAll(
      this.#reads,
      highest(records).map(({ thread_id, member_id, seq, at }) => ({
        updateOne: {
          filter: { thread_id: oid(thread_id), member_id: oid(member_id) },
          update: [
            {
              $set: {
                at: {
                  $cond: [
                    { $gt: [seq, { $ifNull: ['$seq', -1] }] },
                    date(at),
                    { $cond: [{ $eq: [seq, '$seq'] }, { $max: ['$at', date(at)] }, '$at'] },
                  ],
                },
                seq: { $max: ['$seq', seq] },
              },
            },
          ],
          upsert: true,
        },
      })),
    );
  }
}

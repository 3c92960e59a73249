import type { Collection, Db } from 'mongodb';
import type { Consumer, Sweeper } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll, upsertOnce } from './bulk.js';
import { reading } from './faults.js';
import { date } from './fields.js';

/** `_id` is "consumer:thread" with the rev, or "sweeper" with the end of its last sweep. */
interface ProgressDocument {
  _id: string;
  rev?: number;
  swept_at?: Date;
}

/** How far each consumer of changes has come. */
export class MongoProgress {
  readonly #progress: Collection<ProgressDocument>;
  readonly #bound: ReadBound;

  constructor(db: Db, bound: ReadBound) {
    this.#progress = db.collection('progress');
    this.#bound = bound;
  }

  /** Every thread that was asked for, 0 when never. */
  async get(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, number>> {
    const marks = new Map(threadIds.map((id) => [id, 0]));
    if (threadIds.length === 0) return marks;
    const ids = threadIds.map((id) => `${consumer}:${id}`);
    const found = await reading(() => this.#progress.find({ _id: { $in: ids } }, this.#bound).toArray());
    for (const { _id, rev } of found) marks.set(_id.slice(consumer.length + 1), rev ?? 0);
    return marks;
  }

  async raise(consumer: Consumer, marks: readonly { thread_id: string; rev: number }[]): Promise<void> {
    const highest = new Map<string, number>();
    for (const { thread_id, rev } of marks) highest.set(thread_id, Math.max(rev, highest.get(thread_id) ?? 0));
    await upsertAll(
      this.#progress,
      [...highest].map(([thread, rev]) => ({
        updateOne: { filter: { _id: `${consumer}:${thread}` }, update: { $max: { rev } }, upsert: true },
      })),
    );
  }

  async swept(sweeper: Sweeper): Promise<number> {
    const found = await reading(() => this.#progress.findOne({ _id: sweeper }, this.#bound));
    return found?.swept_at?.getTime() ?? 0;
  }

  async setSwept(sweeper: Sweeper, at: number): Promise<void> {
    await upsertOnce(() => this.#progress.updateOne({ _id: sweeper }, { $set: { swept_at: date(at) } }, { upsert: true }));
  }
}

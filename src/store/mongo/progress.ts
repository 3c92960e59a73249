import type { Collection, Db } from 'mongodb';
import type { Consumer, Mark, Sweeper } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll, upsertOnce } from './bulk.js';
import { reading } from './faults.js';
import { date } from './fields.js';

/**
 * `_id` is "consumer:thread" with the rev, and as of when it counts where that is not from the beginning, or "sweeper"
 * with the end of its last sweep.
 */
interface ProgressDocument {
  _id: string;
  rev?: number;
  scope_since?: number;
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
  async get(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, Mark>> {
    const marks = new Map<string, Mark>(threadIds.map((id) => [id, { rev: 0, scope_since: 0 }]));
    if (threadIds.length === 0) return marks;
    const ids = threadIds.map((id) => `${consumer}:${id}`);
    const found = await reading(() => this.#progress.find({ _id: { $in: ids } }, this.#bound).toArray());
    for (const { _id, rev = 0, scope_since = 0 } of found) marks.set(_id.slice(consumer.length + 1), { rev, scope_since });
    return marks;
  }

  async raise(consumer: Consumer, marks: readonly { thread_id: string; rev: number; scope_since?: number }[]): Promise<void> {
    const highest = new Map<string, Mark>();
    for (const { thread_id, rev, scope_since = 0 } of marks) {
      const known = highest.get(thread_id);
      if (!known || known.scope_since < scope_since || (known.scope_since === scope_since && known.rev < rev)) {
        highest.set(thread_id, { rev, scope_since });
      }
    }
    await upsertAll(
      this.#progress,
      [...highest].map(([thread, mark]) => ({
        updateOne: { filter: { _id: `${consumer}:${thread}` }, update: raisedTo(mark), upsert: true },
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

/** Each expression sees the document as it was: of a later `scope_since` the rev is taken as it comes. */
const raisedTo = ({ rev, scope_since }: Mark) => {
  const there = { $ifNull: ['$scope_since', 0] };
  const ofTheSame = { $cond: [{ $eq: [there, scope_since] }, { $max: ['$rev', rev] }, '$rev'] };
  const since = { $max: ['$scope_since', scope_since] };
  return [{ $set: { rev: { $cond: [{ $lt: [there, scope_since] }, rev, ofTheSame] }, ...(scope_since > 0 && { scope_since: since }) } }];
};

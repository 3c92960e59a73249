import { type AnyBulkWriteOperation, type Collection, type Db, MongoBulkWriteError } from 'mongodb';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import { Batcher } from '../batcher.js';
import type { LedgerCommit, LedgerEdges, LedgerItemName, LedgerItemRecord, LedgerRepository } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll } from './bulk.js';
import { reading, writing } from './faults.js';
import { oids } from './fields.js';
import {
  type CommitDocument,
  commitBytes,
  commitDocument,
  commitRecord,
  type ItemDocument,
  idsBehind,
  itemId,
  itemRecord,
  markId,
} from './ledger-documents.js';
import { batchSize, PointReads } from './point-reads.js';

type Outcome = 'stored' | 'taken' | 'unknown';
interface Projection {
  ledger: string;
  rev: number;
  items: readonly LedgerItemRecord[];
}

const duplicateKey = 11000;
const most = { items: 500, bytes: 4_000_000, queued: 20_000 };
/** Commits and tombstones that go at once. */
const droppedAtOnce = 1_000;

/** Positions of what a unique index refused; throws on for any other failure, and when the write is not yet durable. */
const duplicatesIn = (error: unknown): number[] => {
  const refusals = error instanceof MongoBulkWriteError && !error.result.getWriteConcernError() ? error.result.getWriteErrors() : [];
  if (refusals.length === 0 || refusals.some(({ code }) => code !== duplicateKey)) throw error;
  return refusals.map(({ index }) => index);
};

/** All ledgers of this process share two batchers: commits that come together are one write, and so are projections. */
export class MongoLedgers implements LedgerRepository {
  readonly #commits: Collection<CommitDocument>;
  readonly #items: Collection<ItemDocument>;
  readonly #bound: ReadBound;
  readonly #logger: Logger;
  readonly #appends: Batcher<LedgerCommit, Outcome>;
  readonly #projections: Batcher<Projection, boolean>;
  /** Items that are asked for together are one command. */
  readonly #points: PointReads<LedgerItemRecord>;
  #failure: unknown;

  constructor(db: Db, bound: ReadBound, logger: Logger) {
    this.#commits = db.collection('ledger_commits');
    this.#items = db.collection('ledger_items');
    this.#bound = bound;
    this.#logger = logger;
    this.#points = new PointReads(async (ids) => {
      const found = await reading(() => this.#items.find({ _id: { $in: [...ids] } }, { batchSize, ...bound }).toArray());
      return new Map(found.map((document) => [document._id, itemRecord(document)]));
    });
    this.#appends = new Batcher<LedgerCommit, Outcome>({
      run: (batch) => this.#write(batch),
      lost: 'unknown',
      bytes: commitBytes,
      overlapMs: 100,
      most: { ...most, inFlight: 4 },
    });
    this.#projections = new Batcher<Projection, boolean>({
      run: (batch) => this.#store(batch),
      lost: false,
      bytes: ({ items }) => items.reduce((sum, { value }) => sum + 200 + (JSON.stringify(value)?.length ?? 0), 100),
      // Of one ledger the later one goes after the earlier one.
      key: ({ ledger }) => ledger,
      most: { ...most, inFlight: 2 },
    });
  }

  append(commits: readonly LedgerCommit[]): Promise<Outcome[]> {
    return this.#appends.add(commits);
  }

  async edges(ledger: string): Promise<LedgerEdges> {
    const edge = (sort: 1 | -1) =>
      reading(() => this.#commits.findOne({ ledger }, { sort: { rev: sort }, projection: { rev: 1 }, ...this.#bound }));
    const [newest, oldest, mark] = await Promise.all([
      edge(-1),
      edge(1),
      reading(() => this.#items.findOne({ _id: markId(ledger) }, this.#bound)),
    ]);
    return { head: newest?.rev ?? 0, floor: (oldest?.rev ?? 1) - 1, projected: mark?.rev ?? 0 };
  }

  async commitsAfter(ledger: string, rev: number, limit: number): Promise<LedgerCommit[]> {
    const options = { sort: { rev: 1 as const }, limit, batchSize: limit + 1, ...this.#bound };
    const found = await reading(() => this.#commits.find({ ledger, rev: { $gt: rev } }, options).toArray());
    return found.map(commitRecord);
  }

  async byOperation(ledger: string, opId: string): Promise<LedgerCommit | null> {
    // A partial index is read only where the filter says that the field is there.
    const found = await reading(() => this.#commits.findOne({ ledger, op_id: { $eq: opId, $exists: true } }, this.#bound));
    return found && commitRecord(found);
  }

  async project(ledger: string, rev: number, items: readonly LedgerItemRecord[]): Promise<void> {
    const [done] = await this.#projections.add([{ ledger, rev, items }]);
    if (!done) throw this.#failure ?? new Fault('unavailable', 'The items of a ledger were not stored', { retry_after_ms: 1_000 });
  }

  async changedAfter(ledger: string, rev: number, limit: number): Promise<LedgerItemRecord[]> {
    const options = { sort: { rev: 1 as const }, limit, batchSize: limit + 1, ...this.#bound };
    const found = await reading(() => this.#items.find({ ledger, rev: { $gt: rev } }, options).toArray());
    return found.map(itemRecord);
  }

  living(ledger: string, after: { kind: string; key: string } | null, limit: number, before?: string): Promise<LedgerItemRecord[]> {
    return this.#list(
      ledger,
      after && itemId(ledger, after.kind, after.key),
      limit,
      before === undefined ? {} : { $lt: `${ledger} ${before} ` },
    );
  }

  /** Down the index of revs: a kind that is much of its ledger is found soon. */
  async newest(ledger: string, kind: string, below: number | null, limit: number): Promise<LedgerItemRecord[]> {
    const rev = { $gt: 0, ...(below !== null && { $lt: below }) };
    const filter = { ledger, rev, _id: idsBehind(`${ledger} ${kind}`, null), value: { $exists: true } };
    const options = { sort: { rev: -1 as const }, limit, batchSize: limit + 1, ...this.#bound };
    return (await reading(() => this.#items.find(filter, options).toArray())).map(itemRecord);
  }

  ofKind(ledger: string, kind: string, after: string | null, limit: number): Promise<LedgerItemRecord[]> {
    return this.#list(`${ledger} ${kind}`, after === null ? null : itemId(ledger, kind, after), limit);
  }

  async item(ledger: string, kind: string, key: string): Promise<LedgerItemRecord | null> {
    const id = itemId(ledger, kind, key);
    return (await this.#points.all([id])).get(id) ?? null;
  }

  async named(names: readonly LedgerItemName[]): Promise<LedgerItemRecord[]> {
    if (names.length === 0) return [];
    const filter = { _id: { $in: names.map(({ ledger, kind, key }) => itemId(ledger, kind, key)) }, value: { $exists: true } };
    const options = { batchSize: names.length + 1, ...this.#bound };
    return (await reading(() => this.#items.find(filter, options).toArray())).map(itemRecord);
  }

  async madeAt(ledger: string, rev: number): Promise<number | null> {
    const found = await reading(() => this.#commits.findOne({ ledger, rev }, { projection: { at: 1 }, ...this.#bound }));
    return found?.at.getTime() ?? null;
  }

  async drop(ledger: string, rev: number): Promise<number> {
    const { floor, head } = await this.edges(ledger);
    const to = Math.min(rev, floor + droppedAtOnce, head - 1);
    if (to <= floor) return floor;
    // The commits say where the floor is, so they go first: a crash in between leaves tombstones that go with the next
    // ones.
    await writing(() => this.#commits.deleteMany({ ledger, rev: { $lte: to } }));
    await writing(() => this.#items.deleteMany({ ledger, rev: { $gt: 0, $lte: to }, value: { $exists: false } }));
    return to;
  }

  async idle(): Promise<void> {
    await Promise.all([this.#appends.idle(), this.#projections.idle()]);
  }

  async #list(begin: string, last: string | null, limit: number, lower: { $lt?: string } = {}): Promise<LedgerItemRecord[]> {
    const filter = { _id: { ...idsBehind(begin, last), ...lower }, value: { $exists: true } };
    const options = { sort: { _id: 1 as const }, limit, batchSize: limit + 1, ...this.#bound };
    return (await reading(() => this.#items.find(filter, options).toArray())).map(itemRecord);
  }

  async #write(batch: readonly LedgerCommit[]): Promise<Outcome[]> {
    const refused = new Set<number>();
    try {
      await this.#commits.insertMany(batch.map(commitDocument), { ordered: false });
      return batch.map(() => 'stored');
    } catch (error) {
      try {
        for (const at of duplicatesIn(error)) refused.add(at);
      } catch {
        this.#logger.warn({ err: error }, 'a write of commits went wrong');
        return batch.map(() => 'unknown');
      }
      if ((error as MongoBulkWriteError).insertedCount !== batch.length - refused.size) return batch.map(() => 'unknown');
    }
    // Refused for the sake of another, or of itself: an earlier write of it had gone through.
    const there = await this.#there(batch.filter((_, at) => refused.has(at))).catch(() => null);
    return batch.map(({ id }, at): Outcome => {
      if (!refused.has(at)) return 'stored';
      if (there === null) return 'unknown';
      return there.has(id) ? 'stored' : 'taken';
    });
  }

  async #there(commits: readonly LedgerCommit[]): Promise<Set<string>> {
    const found = await reading(() =>
      this.#commits.find({ _id: { $in: oids(commits.map(({ id }) => id)) } }, { projection: { _id: 1 }, ...this.#bound }).toArray(),
    );
    return new Set(found.map(({ _id }) => _id.toHexString()));
  }

  async #store(batch: readonly Projection[]): Promise<boolean[]> {
    try {
      const items = batch.flatMap((projection) => projection.items);
      if (items.length > 0) await this.#putNewer(items);
      const marks = batch.map(({ ledger, rev }) => ({
        updateOne: { filter: { _id: markId(ledger) }, update: { $max: { rev } }, upsert: true },
      }));
      await upsertAll(this.#items, marks as AnyBulkWriteOperation<ItemDocument>[]);
      return batch.map(() => true);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /**
   * An item that is there with this rev or a later one refuses the insert that an upsert would make. So does one that
   * another writer has just inserted, be it older: whatever was refused runs once more, and then finds it.
   */
  async #putNewer(items: readonly LedgerItemRecord[], isLast = false): Promise<void> {
    const operations = items.map(({ ledger, kind, key, rev, value }) => ({
      updateOne: {
        filter: { _id: itemId(ledger, kind, key), rev: { $lt: rev } },
        update:
          value === undefined
            ? { $set: { ledger, rev }, $unset: { value: '' as const } }
            : { $set: { ledger, rev, value: JSON.stringify(value) } },
        upsert: true,
      },
    }));
    const refused = await writing(async () => {
      try {
        await this.#items.bulkWrite(operations as AnyBulkWriteOperation<ItemDocument>[], { ordered: false });
        return [];
      } catch (error) {
        return duplicatesIn(error);
      }
    });
    if (refused.length > 0 && !isLast)
      await this.#putNewer(
        refused.map((at) => items[at]!),
        true,
      );
  }
}

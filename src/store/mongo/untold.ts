import { type AnyBulkWriteOperation, type Collection, type Document, type Filter, ObjectId, type WithId } from 'mongodb';
import { firstIdAt } from '../../kernel/ids.js';
import type { Untold, UntoldRecords } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { reading, writing } from './faults.js';
import { oid } from './fields.js';

/**
 * What marks a document: `untold` stands only on untold ones, and tells when it was set. `gone`: nothing but the name
 * is left.
 */
export interface UntoldFields {
  untold?: ObjectId;
  gone?: true;
}

/** A mark for one write. */
export const newMark = (): { untold: ObjectId } => ({ untold: new ObjectId() });

/** A partial index is read only where the filter says that the field is there. */
export const isUntold = { $exists: true } as const;
export const markedBefore = (ms: number) => ({ ...isUntold, $lt: oid(firstIdAt(ms)) });

type UntoldDocument = Document & UntoldFields;

/** How one collection names its records among those of their member. */
interface UntoldNames<D, R> {
  keyOf(document: WithId<D>): string;
  /** Finds the documents of a member by their keys. */
  named(keys: readonly string[]): Filter<D>;
  toRecord(document: WithId<D>): R;
  /** The field that says whose ledger it is; absent: `member_id`. */
  whose?: 'community_id';
}

/** The untold records of one collection. */
export class MongoUntold<D extends UntoldDocument, R> implements UntoldRecords<R> {
  readonly #collection: Collection<D>;
  readonly #bound: ReadBound;
  readonly #names: UntoldNames<D, R>;

  constructor(collection: Collection<D>, bound: ReadBound, names: UntoldNames<D, R>) {
    this.#collection = collection;
    this.#bound = bound;
    this.#names = names;
  }

  get #whose(): 'member_id' | 'community_id' {
    return this.#names.whose ?? 'member_id';
  }

  async untold(memberId: string, limit: number, only?: readonly string[]): Promise<Untold<R>[]> {
    const wanted = { ...(only && this.#names.named(only)), [this.#whose]: oid(memberId), untold: isUntold } as Document as Filter<D>;
    const options = { batchSize: limit + 1, ...this.#bound };
    const found = await reading(() => this.#collection.find(wanted, options).sort({ untold: 1 }).limit(limit).toArray());
    return found.map((document) => ({
      key: this.#names.keyOf(document),
      mark: document.untold!.toHexString(),
      record: document.gone ? null : this.#names.toRecord(document),
    }));
  }

  async told(memberId: string, those: readonly Untold<R>[]): Promise<void> {
    if (those.length === 0) return;
    // One write may have marked many: each mark with those that were read with it.
    const byMark = new Map<string, { living: string[]; gone: string[] }>();
    for (const { key, mark, record } of those) {
      const group = byMark.get(mark) ?? { living: [], gone: [] };
      group[record === null ? 'gone' : 'living'].push(key);
      byMark.set(mark, group);
    }
    const filter = (mark: string, keys: readonly string[]) =>
      ({ ...this.#names.named(keys), [this.#whose]: oid(memberId), untold: oid(mark) }) as Document as Filter<D>;
    const update = { $unset: { untold: '' } } as Document;
    const operations = [...byMark].flatMap(([mark, { living, gone }]) => [
      ...(living.length > 0 ? [{ updateMany: { filter: filter(mark, living), update } }] : []),
      ...(gone.length > 0 ? [{ deleteMany: { filter: filter(mark, gone) } }] : []),
    ]);
    await writing(() => this.#collection.bulkWrite(operations as AnyBulkWriteOperation<D>[], { ordered: false }));
  }

  async untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    const whose = this.#whose;
    const behind = after === undefined ? {} : { [whose]: { $gt: oid(after) } };
    const wanted = { untold: markedBefore(before), ...behind } as Document as Filter<D>;
    const options = { batchSize: limit + 1, ...this.#bound };
    const found = await reading(() =>
      this.#collection
        .find(wanted, options)
        .sort({ [whose]: 1 })
        .limit(limit)
        .project<Record<typeof whose, ObjectId>>({ _id: 0, [whose]: 1 })
        .toArray(),
    );
    return found.length === 0 ? null : [...new Set(found.map((one) => one[whose].toHexString()))];
  }
}

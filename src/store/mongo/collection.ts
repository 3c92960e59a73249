import type { Db, Document, Collection as DriverCollection, Filter } from 'mongodb';
import { Fault } from '../../kernel/errors.js';
import type { Collection, CollectionDefinition } from '../collection.js';
import { changesOf, demandBound, type PlainAsk, type Question, questionOf } from '../collections/question.js';
import { isSame } from '../collections/same.js';
import { mayBeNull } from '../collections/stored.js';
import type { ReadBound } from './bound.js';
import { CollectionDocuments, storedName } from './collection-document.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo } from './fields.js';

/** An insert that was refused for the sake of what is gone when it is looked for is tried again so often. */
const attempts = 4;

type Stored = Record<string, unknown>;

/** A stated collection in MongoDB. */
export class MongoCollection implements Collection<CollectionDefinition> {
  readonly #definition: CollectionDefinition;
  readonly #collection: DriverCollection<Document>;
  readonly #bound: ReadBound;
  readonly #documents: CollectionDocuments;

  constructor(db: Db, definition: CollectionDefinition, bound: ReadBound) {
    this.#definition = definition;
    this.#collection = db.collection(definition.name);
    this.#bound = bound;
    this.#documents = new CollectionDocuments(definition);
  }

  async insert(record: Stored): Promise<'stored' | { taken: string }> {
    const document = this.#documents.document(record);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      try {
        await writing(() => this.#collection.insertOne({ ...document }));
        return 'stored';
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      const there = await this.#lookForTaker(document);
      if (there) return there;
    }
    throw new Fault('timeout', 'The store did not say what became of a write', { retry_after_ms: 1_000 });
  }

  async byKey(key: string): Promise<Stored | null> {
    if (!this.#documents.isKey(key)) return null;
    const found = await reading(() => this.#collection.findOne({ _id: this.#key(key) }, this.#bound));
    return found ? this.#documents.record(found) : null;
  }

  async byKeys(keys: readonly string[]): Promise<Stored[]> {
    const asked = [...new Set(keys)].filter((key) => this.#documents.isKey(key));
    if (asked.length === 0) return [];
    demandBound(asked.length);
    const found = await reading(() =>
      this.#collection.find({ _id: { $in: asked.map((key) => this.#key(key)) } }, { batchSize: asked.length, ...this.#bound }).toArray(),
    );
    return found.map((document) => this.#documents.record(document));
  }

  async find(query: string, ask: PlainAsk & { limit: number }): Promise<Stored[]> {
    const found = await this.#find(questionOf(this.#definition, query, ask), ask.limit);
    return found.map((document) => this.#documents.record(document));
  }

  async count(query: string, ask: PlainAsk, most: number): Promise<number> {
    demandBound(most);
    const filter = this.#filter(questionOf(this.#definition, query, ask));
    return reading(() => this.#collection.countDocuments(filter, { limit: most, ...this.#bound }));
  }

  async update(key: string, set: Stored, condition: Stored = {}): Promise<Stored | null> {
    const changes = changesTo(this.#documents.values(changesOf(this.#definition, set)));
    if (!this.#documents.isKey(key)) return null;
    const filter = { ...this.#documents.values(condition), _id: this.#key(key) };
    const found = await writing(() => this.#collection.findOneAndUpdate(filter, changes, { returnDocument: 'after' }));
    return found ? this.#documents.record(found) : null;
  }

  async remove(key: string): Promise<boolean> {
    if (!this.#documents.isKey(key)) return false;
    const { deletedCount } = await writing(() => this.#collection.deleteOne({ _id: this.#key(key) }));
    return deletedCount > 0;
  }

  async removeWhere(query: string, ask: PlainAsk, most: number): Promise<number> {
    const question = questionOf(this.#definition, query, ask);
    const found = await this.#find(question, most, { _id: 1 });
    if (found.length === 0) return 0;
    // What is not as was asked any more stays.
    const filter = { $and: [{ _id: { $in: found.map(({ _id }) => _id) } }, this.#filter(question)] };
    await writing(() => this.#collection.deleteMany(filter));
    return found.length;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the driver's type of a key that may be any value
  #key(key: string): any {
    return this.#documents.value(this.#definition.key, key);
  }

  #find(question: Question, limit: number, projection?: Document): Promise<Document[]> {
    demandBound(limit);
    const sort = Object.fromEntries(question.order.map(({ field, direction }) => [storedName(this.#definition, field), direction]));
    const options = { batchSize: limit, ...(projection && { projection }), ...this.#bound };
    const cursor = () => this.#collection.find(this.#filter(question), options).limit(limit);
    return reading(() => (question.order.length > 0 ? cursor().sort(sort) : cursor()).toArray());
  }

  #filter({ index, equal, range, order, after }: Question): Filter<Document> {
    const { schema, indexes } = this.#definition;
    const isUnique = indexes[index]!.unique === true;
    const filter: Document = {};
    for (const [field, value] of equal) {
      const stored = this.#documents.value(field, value);
      // A partial index is read only where the filter says that the field is there.
      const isPartial = isUnique && mayBeNull(schema.shape[field]!);
      filter[storedName(this.#definition, field)] = isPartial ? { $eq: stored, $exists: true } : stored;
    }
    const bounds: Document[] = [];
    if (range?.from !== undefined) bounds.push(this.#compares(range.field, '$gte', range.from));
    if (range?.below !== undefined) bounds.push(this.#compares(range.field, '$lt', range.below));
    if (after) bounds.push(...this.#behind(order, after));
    return bounds.length > 0 ? { ...filter, $and: bounds } : filter;
  }

  /** What comes after a record in an order: bounded by the first field, so that the index is entered at that place. */
  #behind(order: Question['order'], after: Readonly<Record<string, unknown>>): Document[] {
    const beyond = (at: number): Document => {
      const { field, direction } = order[at]!;
      return this.#compares(field, direction === 1 ? '$gt' : '$lt', after[field]);
    };
    const [first] = order;
    if (!first) return [{ _id: { $in: [] } }];
    if (order.length === 1) return [beyond(0)];
    const ways = order.map((_, at) => {
      const same = order.slice(0, at).map(({ field }) => this.#compares(field, '$eq', after[field]));
      return { $and: [...same, beyond(at)] };
    });
    return [this.#compares(first.field, first.direction === 1 ? '$gte' : '$lte', after[first.field]), { $or: ways }];
  }

  #compares(field: string, how: '$eq' | '$gt' | '$gte' | '$lt' | '$lte', value: unknown): Document {
    return { [storedName(this.#definition, field)]: { [how]: this.#documents.value(field, value) } };
  }

  /** Who has the place of a document that a unique index refused: itself, its key's holder, or the first index's. */
  async #lookForTaker(document: Document): Promise<'stored' | { taken: string } | undefined> {
    const same = await reading(() => this.#collection.findOne({ _id: document._id }, this.#bound));
    if (same) {
      return isSame(this.#documents.record(same), this.#documents.record(document)) ? 'stored' : { taken: 'key' };
    }
    for (const [name, { on, unique }] of Object.entries(this.#definition.indexes)) {
      const fields = Object.keys(on).map((field) => storedName(this.#definition, field));
      if (!unique || fields.some((field) => document[field] === undefined)) continue;
      const filter = Object.fromEntries(fields.map((field) => [field, document[field]]));
      if (await reading(() => this.#collection.findOne(filter, { projection: { _id: 1 }, ...this.#bound }))) return { taken: name };
    }
    return undefined;
  }
}

import type { Collection, CollectionDefinition } from '../collection.js';
import { changesOf, demandBound, type PlainAsk, type Question, questionOf } from '../collections/question.js';
import { isSame } from '../collections/same.js';

type Stored = Record<string, unknown>;

/** As the store orders what it keeps: text by its bytes in UTF-8. */
const compared = (a: unknown, b: unknown): number => {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [left, right] = [Number(a), Number(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

const byOrder =
  ({ order }: Question) =>
  (a: Stored, b: Stored): number => {
    for (const { field, direction } of order) {
      const difference = compared(a[field], b[field]) * direction;
      if (difference !== 0) return difference;
    }
    return 0;
  };

/** A stated collection in this process's memory. */
export class MemoryCollection implements Collection<CollectionDefinition> {
  readonly #definition: CollectionDefinition;
  readonly #records = new Map<string, Stored>();

  constructor(definition: CollectionDefinition) {
    this.#definition = definition;
  }

  async insert(record: Stored): Promise<'stored' | { taken: string }> {
    const { schema, key } = this.#definition;
    const parsed: Stored = schema.parse(record);
    const before = this.#records.get(parsed[key] as string);
    if (before) return isSame(before, parsed) ? 'stored' : { taken: 'key' };
    const taken = this.#takenBy(parsed);
    if (taken !== undefined) return { taken };
    this.#records.set(parsed[key] as string, structuredClone(parsed));
    return 'stored';
  }

  async byKey(key: string): Promise<Stored | null> {
    const record = this.#records.get(key);
    return record ? this.#read(record) : null;
  }

  async byKeys(keys: readonly string[]): Promise<Stored[]> {
    return [...new Set(keys)].flatMap((key) => {
      const record = this.#records.get(key);
      return record ? [this.#read(record)] : [];
    });
  }

  async find(query: string, ask: PlainAsk & { limit: number }): Promise<Stored[]> {
    demandBound(ask.limit);
    return this.#matching(query, ask)
      .slice(0, ask.limit)
      .map((record) => this.#read(record));
  }

  async count(query: string, ask: PlainAsk, most: number): Promise<number> {
    demandBound(most);
    return Math.min(most, this.#matching(query, ask).length);
  }

  async update(key: string, set: Stored, condition: Stored = {}): Promise<Stored | null> {
    const changes = changesOf(this.#definition, set);
    const record = this.#records.get(key);
    const isSo = record && Object.entries(condition).every(([field, value]) => isSame(record[field], value));
    if (!isSo) return null;
    const changed = structuredClone({ ...record, ...changes });
    this.#records.set(key, changed);
    return this.#read(changed);
  }

  async remove(key: string): Promise<boolean> {
    return this.#records.delete(key);
  }

  async removeWhere(query: string, ask: PlainAsk, most: number): Promise<number> {
    demandBound(most);
    const found = this.#matching(query, ask).slice(0, most);
    for (const record of found) this.#records.delete(record[this.#definition.key] as string);
    return found.length;
  }

  #read(record: Stored): Stored {
    return this.#definition.schema.parse(structuredClone(record));
  }

  /** The first unique index in which another record has this one's place. */
  #takenBy(record: Stored): string | undefined {
    for (const [name, { on, unique }] of Object.entries(this.#definition.indexes)) {
      const fields = Object.keys(on);
      if (!unique || fields.some((field) => record[field] === null)) continue;
      for (const other of this.#records.values()) {
        if (fields.every((field) => isSame(other[field], record[field]))) return name;
      }
    }
    return undefined;
  }

  #matching(query: string, ask: PlainAsk): Stored[] {
    const question = questionOf(this.#definition, query, ask);
    const { equal, range, after } = question;
    const order = byOrder(question);
    return [...this.#records.values()]
      .filter(
        (record) =>
          equal.every(([field, value]) => isSame(record[field], value)) &&
          (range?.from === undefined || compared(record[range.field], range.from) >= 0) &&
          (range?.below === undefined || compared(record[range.field], range.below) < 0) &&
          (!after || order(record, after) > 0),
      )
      .sort(order);
  }
}

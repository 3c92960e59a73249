import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Collection, CollectionDefinition } from '../../../src/store/collection.js';
import { isSame } from '../../../src/store/collections/same.js';
import { recordsOf } from './arbitrary.js';
import { backends, type OpenStore } from './backends.js';
import { statedCollections } from './stated.js';

type Stored = Record<string, unknown>;

/** Each with a key of its own. */
const samples = (definition: CollectionDefinition, count: number): Stored[] => {
  const found = fc.sample(recordsOf(definition), { numRuns: count, seed: 4711 });
  return [...new Map(found.map((record) => [record[definition.key], record])).values()];
};

/** Records that agree in much of what their indexes are on, so that there is something to find, to order and to collide. */
const crowd = (definition: CollectionDefinition, count: number): Stored[] => {
  const records = samples(definition, count);
  const fields = new Set(Object.values(definition.indexes).flatMap(({ on }) => Object.keys(on)));
  fields.delete(definition.key);
  const isInUnique = (field: string) => Object.values(definition.indexes).some(({ on, unique }) => unique && Object.hasOwn(on, field));
  return records.map((record, at) => {
    const alike = [...fields].map((field, i) => {
      const pool = isInUnique(field) ? 12 : 3;
      return [field, records[(at * (i + 1)) % pool]![field]];
    });
    return { ...record, ...Object.fromEntries(alike) };
  });
};

const rank = (value: unknown): number | Buffer => (typeof value === 'string' ? Buffer.from(value) : Number(value));
const compared = (a: unknown, b: unknown): number => {
  const [left, right] = [rank(a), rank(b)];
  return Buffer.isBuffer(left) ? Buffer.compare(left, right as Buffer) : left - (right as number);
};

/** What a query has to answer, by its statement alone. */
const expected = (definition: CollectionDefinition, query: string, records: readonly Stored[], where: Stored): Stored[] => {
  const { index, equal, backwards } = definition.queries[query]!;
  const order = Object.entries(definition.indexes[index]!.on).slice(equal.length);
  return records
    .filter((record) => equal.every((field) => record[field] === where[field]))
    .sort((a, b) => {
      const difference = order.map(([field, direction]) => compared(a[field], b[field]) * direction!).find((one) => one !== 0) ?? 0;
      return backwards ? -difference : difference;
    });
};

describe.each(backends)('every stated collection in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  describe.each(statedCollections.map((definition) => ({ definition, name: definition.name })))('$name', ({ definition }) => {
    const { key } = definition;
    const records = crowd(definition, 60);
    const stored: Stored[] = [];
    const refused: { record: Stored; by: string }[] = [];
    let collection: Collection<CollectionDefinition>;
    beforeAll(async () => {
      collection = opened.store.collection(definition);
      for (const record of records) {
        const outcome = await collection.insert(record);
        if (outcome === 'stored') stored.push(record);
        else refused.push({ record, by: outcome.taken });
      }
    });

    test('a record comes back as it was inserted, and inserted again it is stored and there once', async () => {
      expect(stored.length).toBeGreaterThan(0);
      for (const record of stored) expect(await collection.byKey(record[key] as string)).toEqual(record);
      for (const record of stored.slice(0, 10)) expect(await collection.insert(record)).toBe('stored');
      const keys = stored.map((record) => record[key] as string);
      const all = await collection.byKeys([...keys, keys[0]!]);
      expect(all).toHaveLength(new Set(keys).size);
      expect(all).toEqual(expect.arrayContaining(stored));
    });

    test('what is refused is not there, and each refusal names who is in the way', async () => {
      for (const { record, by } of refused) {
        const there = await collection.byKey(record[key] as string);
        if (by === 'key') expect(there).not.toEqual(record);
        else {
          expect(there).toBeNull();
          const fields = Object.keys(definition.indexes[by]!.on);
          expect(stored.filter((other) => fields.every((field) => other[field] === record[field]))).toHaveLength(1);
        }
      }
      const unique = Object.entries(definition.indexes).filter(([, { unique }]) => unique);
      for (const [name, { on }] of unique) {
        const [one, other] = [
          stored.find((record) => Object.keys(on).every((field) => record[field] !== null)),
          samples(definition, 99).at(-1),
        ];
        const same = Object.fromEntries(Object.keys(on).map((field) => [field, one?.[field]]));
        const others = Object.fromEntries(
          unique
            .filter(([another]) => another !== name)
            .flatMap(([, index]) => Object.keys(index.on).map((field) => [field, other![field]])),
        );
        expect(await collection.insert({ ...other, ...others, ...same })).toEqual({ taken: name });
      }
    });

    test('the same key with other content is taken', async () => {
      const fresh = samples(definition, 200)
        .map((record) => ({ ...record, [key]: stored[0]![key] }))
        .find((record) => !isSame(record, stored[0]));
      expect(await collection.insert(fresh!)).toEqual({ taken: 'key' });
    });

    test('each query answers what its statement says, in order, in pages of any size, within bounds', async () => {
      for (const [query, { equal, range, index }] of Object.entries(definition.queries)) {
        for (const where of stored.slice(0, 12)) {
          if (definition.indexes[index]!.unique && equal.some((field) => where[field] === null)) continue;
          const asked = Object.fromEntries(equal.map((field) => [field, where[field]]));
          const wanted = expected(definition, query, stored, where);
          for (const limit of [1, 3, 100]) expect(await walk(collection, query, asked, limit)).toEqual(wanted);
          expect(await collection.count(query, { where: asked }, 1_000)).toBe(wanted.length);
          expect(await collection.count(query, { where: asked }, 1)).toBe(Math.min(1, wanted.length));
          if (!range) continue;
          const field = Object.keys(definition.indexes[index]!.on)[equal.length]!;
          const [from, below] = [wanted[0]![field], wanted.at(-1)![field]].sort(compared) as [number, number];
          const bounded = await collection.find(query, { where: asked, from, below, limit: 100 } as never);
          expect(bounded).toEqual(wanted.filter((record) => (record[field] as number) >= from && (record[field] as number) < below));
        }
      }
    });

    test('of many who insert under one key at once one is stored', async () => {
      const fresh = samples(definition, 300).filter((record) => stored.every((other) => other[key] !== record[key]));
      const name = fresh[0]![key] as string;
      const contenders = fresh.slice(-8).map((record) => ({ ...record, [key]: name }));
      const outcomes = await Promise.all(contenders.map((record) => collection.insert(record)));
      const there = await collection.byKey(name);
      expect(there).not.toBeNull();
      for (const [at, outcome] of outcomes.entries()) {
        if (outcome === 'stored') expect(there).toEqual(contenders[at]);
        else expect(there).not.toEqual(contenders[at]);
      }
      await collection.remove(name);
    });

    test('a record is removed once, and a query is removed a bounded part at a time', async () => {
      const gone = stored.at(-1)!;
      expect(await collection.remove(gone[key] as string)).toBe(true);
      expect(await collection.remove(gone[key] as string)).toBe(false);
      let left = stored.slice(0, -1);
      for (const [query, { equal, index }] of Object.entries(definition.queries)) {
        const where = left.find((record) => !definition.indexes[index]!.unique || equal.every((field) => record[field] !== null));
        if (!where) continue;
        const asked = Object.fromEntries(equal.map((field) => [field, where[field]]));
        const wanted = expected(definition, query, left, where);
        expect(await collection.removeWhere(query, { where: asked }, 1)).toBe(1);
        expect(await collection.byKey(wanted[0]![key] as string)).toBeNull();
        expect(await collection.removeWhere(query, { where: asked }, 1_000)).toBe(wanted.length - 1);
        expect(await collection.removeWhere(query, { where: asked }, 1_000)).toBe(0);
        left = left.filter((record) => !wanted.includes(record));
      }
      expect(await collection.byKeys(stored.map((record) => record[key] as string))).toHaveLength(left.length);
    });
  });
});

const walk = async (collection: Collection<CollectionDefinition>, query: string, where: Stored, limit: number): Promise<Stored[]> => {
  const all: Stored[] = [];
  for (;;) {
    const page = await collection.find(query, { where, after: all.at(-1), limit });
    all.push(...page);
    if (page.length < limit) return all;
  }
};

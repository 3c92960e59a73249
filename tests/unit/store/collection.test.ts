import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { FakeClock } from '../../../src/kernel/clock.js';
import { type CollectionDefinition, defineCollection, storedId, storedTime } from '../../../src/store/collection.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';

const schema = z.object({ id: storedId, at: storedTime, code: z.string().nullable(), tags: z.array(z.string()) });
const sound: CollectionDefinition = {
  name: 'things',
  schema,
  key: 'id',
  indexes: { byTime: { on: { at: 1, id: 1 } }, code: { on: { code: 1 }, unique: true } },
  queries: { all: { index: 'byTime', equal: [], range: true } },
};

const define = (change: Partial<CollectionDefinition>) => () => defineCollection({ ...sound, ...change } as never);

describe('a statement of a collection', () => {
  test.each<[string, Partial<CollectionDefinition>]>([
    ['is not named in small letters', { name: 'Things!' }],
    ['has the name of one that is made by hand', { name: 'messages' }],
    ['has no field nobody', { key: 'nobody' }],
    ['has no field code in each record', { key: 'code' }],
    ['has a field _id', { schema: schema.extend({ _id: z.string() }) }],
    ['has a field code that may be null and may be missing', { schema: schema.extend({ code: z.string().nullable().default(null) }) }],
    ['has an index other on fields that are not in it', { indexes: { ...sound.indexes, other: { on: { colour: 1 } } } }],
    ['has an index none on fields that are not in it', { indexes: { ...sound.indexes, none: { on: {} } } }],
    ['has an index tags on lists', { indexes: { ...sound.indexes, tags: { on: { tags: 1 } } } }],
    ['has an index named key', { indexes: { ...sound.indexes, key: { on: { at: 1 } } } }],
    ['asks q of an index that it does not have', { queries: { q: { index: 'nothing', equal: [] } } }],
    ['asks q for fields that do not begin its index', { queries: { q: { index: 'byTime', equal: ['id'] } } }],
    ['bounds q by no field', { queries: { q: { index: 'code', equal: ['code'], range: true } } }],
    ['puts q in the order of a field that may be null', { queries: { q: { index: 'code', equal: [] } } }],
    ['cannot go on with q', { indexes: { byTime: { on: { at: 1 } } }, queries: { q: { index: 'byTime', equal: [] } } }],
  ])('that %s is refused', (why, change) => {
    expect(define(change)).toThrow(`The collection ${change.name ?? 'things'} ${why}`);
  });

  test('that can be carried out is taken', () => {
    expect(define({})).not.toThrow();
  });

  test('is given to a store once', () => {
    const clock = new FakeClock();
    expect(() => createMemoryStore({ clock, collections: [sound, { ...sound }] })).toThrow('The collection things is stated twice');
    expect(() => createMemoryStore({ clock, collections: [sound, sound] })).toThrow('The collection things is stated twice');
  });
});

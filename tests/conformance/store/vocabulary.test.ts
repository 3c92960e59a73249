import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineCollection, type RecordOf } from '../../../src/store/collection.js';
import { backends, type OpenStore } from './backends.js';
import { anId } from './records.js';
import { labels, parcels } from './stated.js';

type Parcel = RecordOf<typeof parcels>;

const aParcel = (fields: Partial<Parcel> = {}): Parcel => ({
  id: anId(),
  shelf_id: anId(),
  place: 1,
  label: 'label',
  code: null,
  came_at: 1_000,
  left_at: null,
  is_heavy: false,
  seen_by: [],
  weights: [],
  ...fields,
});

describe.each(backends)('the words of a collection in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const store = () => opened.store.collection(parcels);

  test('null is nobody’s place in a unique index', async () => {
    const [one, other] = [aParcel(), aParcel()];
    expect([await store().insert(one), await store().insert(other)]).toEqual(['stored', 'stored']);
    const [held, second] = [aParcel({ code: 'x1' }), aParcel({ code: 'x1' })];
    expect([await store().insert(held), await store().insert(second)]).toEqual(['stored', { taken: 'code' }]);
    expect(await store().find('byCode', { where: { code: 'x1' }, limit: 5 })).toEqual([held]);
    await expect(store().find('byCode', { where: { code: null }, limit: 5 })).rejects.toThrow('no record by null');
  });

  test('the first unique index in the order of the statement is named', async () => {
    const held = aParcel({ code: 'both' });
    await store().insert(held);
    expect(await store().insert({ ...held, id: anId() })).toEqual({ taken: 'place' });
    expect(await store().insert({ ...held, id: anId(), place: 2 })).toEqual({ taken: 'code' });
  });

  test('of many who insert at once under a unique index one is stored, and the others hear of it', async () => {
    const shelf_id = anId();
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => store().insert(aParcel({ shelf_id }))));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome !== 'stored')).toEqual(Array.from({ length: 11 }, () => ({ taken: 'place' })));
    const [there, ...rest] = await store().find('at', { where: { shelf_id, place: 1 }, limit: 9 });
    expect(rest).toEqual([]);
    // Whose insert was carried out hears so again; the content has changed since: it is another's then.
    expect(await store().insert(there!)).toBe('stored');
    await store().update(there!.id, { label: 'changed' });
    expect(await store().insert(there!)).toEqual({ taken: 'key' });
  });

  test('an update is one write upon a condition, null takes a value away', async () => {
    const parcel = aParcel({ left_at: 5 });
    await store().insert(parcel);
    expect(await store().update(parcel.id, { label: 'b', left_at: null }, { left_at: 5 })).toEqual({
      ...parcel,
      label: 'b',
      left_at: null,
    });
    expect(await store().update(parcel.id, { label: 'c' }, { left_at: 5 })).toBeNull();
    expect(await store().update(parcel.id, { label: 'c', left_at: 7 }, { left_at: null, label: 'b' })).toMatchObject({
      label: 'c',
      left_at: 7,
    });
    expect(await store().update(anId(), { label: 'd' })).toBeNull();
    const won = await Promise.all(Array.from({ length: 8 }, (_, at) => store().update(parcel.id, { left_at: at + 100 }, { left_at: 7 })));
    expect(won.filter((one) => one !== null)).toHaveLength(1);
    expect(await store().byKey(parcel.id)).toEqual(won.find((one) => one !== null));
  });

  test('what makes a record the only one cannot be set, nor what is not there, nor nothing', async () => {
    const parcel = aParcel();
    await store().insert(parcel);
    await expect(store().update(parcel.id, { id: anId() })).rejects.toThrow('cannot be changed');
    await expect(store().update(parcel.id, { place: 4 })).rejects.toThrow('cannot be changed');
    await expect(store().update(parcel.id, { colour: 'red' } as never)).rejects.toThrow('has no field colour');
    await expect(store().update(parcel.id, {})).rejects.toThrow('Nothing is set');
    await expect(store().update(parcel.id, { label: 5 as never })).rejects.toThrow();
    expect(await store().byKey(parcel.id)).toEqual(parcel);
  });

  test('text is ordered by its bytes, on every engine', async () => {
    const shelf_id = anId();
    const names = ['', 'Z', 'a', 'é', '￿', '😀'];
    for (const [at, label] of names.entries()) await store().insert(aParcel({ shelf_id, place: (at * 5) % names.length, label }));
    const found = await store().find('oldest', { where: { shelf_id, is_heavy: false }, limit: 10 });
    expect(found.map(({ label }) => label)).toEqual([...names].reverse());
  });

  test('what is no key names nothing', async () => {
    for (const key of ['', 'x', 'A'.repeat(24), '$where', '\0']) {
      expect([await store().byKey(key), await store().byKeys([key]), await store().remove(key)]).toEqual([null, [], false]);
    }
    expect(await store().byKeys([])).toEqual([]);
  });

  test('bounds are numbers that one call can carry', async () => {
    const where = { shelf_id: anId() };
    for (const limit of [0, -1, 1.5, 1_001, Number.NaN]) {
      await expect(store().find('byPlace', { where, limit })).rejects.toThrow('1 to 1000');
      await expect(store().count('byPlace', { where }, limit)).rejects.toThrow('1 to 1000');
      await expect(store().removeWhere('byPlace', { where }, limit)).rejects.toThrow('1 to 1000');
    }
    await expect(store().find('nothing' as never, { where: {}, limit: 1 } as never)).rejects.toThrow('has no query nothing');
    await expect(store().find('byCode', { where: { code: 'x' }, from: 1, limit: 1 } as never)).rejects.toThrow('has no bounds');
    await expect(store().find('byPlace', { where: { shelf_id: 'no id' }, limit: 1 })).rejects.toThrow();
  });

  test('a record that does not fit is not stored', async () => {
    const wrong = { ...aParcel(), place: -1 };
    await expect(store().insert(wrong)).rejects.toThrow();
    expect(await store().byKey(wrong.id)).toBeNull();
  });

  test('the store knows those alone that it was opened with', () => {
    expect(opened.store.collection(labels)).toBeDefined();
    const other = defineCollection({ ...labels, schema: z.object({ text: z.string() }) });
    expect(() => opened.store.collection(other)).toThrow('not opened with the collection labels');
    expect(() => opened.store.collection({ ...other, name: 'others' })).toThrow('not opened with the collection others');
  });
});

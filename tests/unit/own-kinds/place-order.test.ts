import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { placeOrderBounds } from '../../../src/features/place-order/contract.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';
import { commitsOf, freshOf, nested, secondDevice } from './own-ledger.js';

let house: RestHouse;
let ada: Person;
beforeEach(async () => {
  house = await RestHouse.open();
  ada = await house.person();
});
afterEach(() => house.close());

const named = (kind: string, at: number): string => `${kind}:${at.toString(16).padStart(24, '0')}`;
const [one, two, three] = [named('community', 1), named('thread', 2), named('community', 3)] as const;
const set = (places: unknown, by = ada) => house.ask('PUT', '/api/place_order', { by, body: { places } });
const get = async (by = ada) => (await house.ask('GET', '/api/place_order', { by })).body;

test('an order is kept as a whole, the same again commits nothing, and none is its absence', async () => {
  expect(await get()).toEqual({ places: [] });
  expect((await set([])).body).toEqual({ places: [] });
  expect(await commitsOf(house, ada)).toEqual([]);
  // Nobody has heard of these places: they are merely names.
  expect((await set([one, two])).body).toEqual({ places: [one, two] });
  await set([one, two]);
  await set([two, one]);
  expect([await get(), await freshOf(house, ada, 'place_order')]).toEqual([{ places: [two, one] }, { order: { places: [two, one] } }]);
  expect(await get(await house.person())).toEqual({ places: [] });
  await set([]);
  await set([]);
  expect((await commitsOf(house, ada)).map(({ changes }) => changes)).toEqual([
    [{ kind: 'place_order', key: 'order', value: { places: [one, two] } }],
    [{ kind: 'place_order', key: 'order', value: { places: [two, one] } }],
    [{ kind: 'place_order', key: 'order', deleted: true }],
  ]);
  expect(await freshOf(house, ada, 'place_order')).toEqual({});
});

test('of two devices that set it at once the later one counts on both, and never a mixture', async () => {
  const phone = await secondDevice(house, ada);
  await Promise.all([set([one, two, three]), set([three, two, one], phone)]);
  const last = (await commitsOf(house, ada)).at(-1)!.changes[0] as { value: unknown };
  expect([await get(), await get(phone)]).toEqual([last.value, last.value]);
});

test('it has at most so many, and the longest fits what the kind says', async () => {
  const most = Array.from({ length: placeOrderBounds.places }, (_, at) => named('community', at));
  expect((await set(most)).status).toBe(200);
  expect(JSON.stringify(await get()).length).toBeLessThanOrEqual(placeOrderBounds.valueBytes);
  const { status, body } = await set([...most, two]);
  expect([status, body.code, body.errors[0].path]).toEqual([400, 'validation_failed', 'places']);
  expect((await get()).places).toHaveLength(placeOrderBounds.places);
});

test('bad names, and a place twice, are refused in words', async () => {
  const bad = [
    '',
    ' ',
    '__proto__',
    'community:',
    'role:665f1c2ab3d4e5f60718293a',
    `${one} `,
    one.toUpperCase(),
    'thread:__proto__',
    1,
    null,
  ];
  for (const name of [...bad, `community:${'a'.repeat(5_000)}`]) {
    const { status, body } = await set([two, name]);
    expect([name, status, body.code, body.errors[0].path]).toEqual([name, 400, 'validation_failed', 'places.1']);
  }
  const twice = await set([one, two, one]);
  expect([twice.status, twice.body.errors[0]]).toEqual([400, { path: 'places', message: 'must name each place once' }]);
  for (const body of [`{"places": ${nested(17)}}`, '{"places": {"length": 2}}', '{"places": [], "__proto__": 1}', '{}', '"x"']) {
    expect((await house.ask('PUT', '/api/place_order', { by: ada, body })).body).toMatchObject({ code: 'validation_failed' });
  }
  expect(await commitsOf(house, ada)).toEqual([]);
});

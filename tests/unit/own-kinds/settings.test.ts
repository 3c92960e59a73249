import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { settingBounds } from '../../../src/features/settings/contract.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';
import { commitsOf, freshOf, nested, secondDevice } from './own-ledger.js';

let house: RestHouse;
let ada: Person;
beforeEach(async () => {
  house = await RestHouse.open();
  ada = await house.person();
});
afterEach(() => house.close());

const put = (key: string, value: unknown, by = ada) => house.ask('PUT', `/api/settings/${key}`, { by, body: { value } });
const list = async (by = ada) => (await house.ask('GET', '/api/settings', { by })).body.items;

test('a setting is any JSON, is answered as it was given, and is what a fresh device is given', async () => {
  const value = { a: [1, null, { b: 'ä 𝄞' }], '': false, $set: { 'x.y': 0 } };
  const { status, body } = await put('look.theme-2_b', value);
  expect([status, body]).toEqual([200, { key: 'look.theme-2_b', value }]);
  await put('a', 1);
  expect(await list()).toEqual([
    { key: 'a', value: 1 },
    { key: 'look.theme-2_b', value },
  ]);
  expect(await freshOf(house, ada, 'setting')).toEqual({ a: 1, 'look.theme-2_b': value });
  expect(await list(await house.person())).toEqual([]);
});

test('null takes it away; what changes nothing commits nothing', async () => {
  for (const value of ['dark', 'dark', null, null, 'light']) expect((await put('theme', value)).status).toBe(200);
  const changes = (await commitsOf(house, ada)).map((commit) => [commit.rev, commit.by, commit.operation, commit.changes]);
  expect(changes).toEqual([
    [1, ada.id, 'put_setting', [{ kind: 'setting', key: 'theme', value: 'dark' }]],
    [2, ada.id, 'put_setting', [{ kind: 'setting', key: 'theme', deleted: true }]],
    [3, ada.id, 'put_setting', [{ kind: 'setting', key: 'theme', value: 'light' }]],
  ]);
});

test('the same from two devices at once is one commit; of two values the later one counts on both', async () => {
  const phone = await secondDevice(house, ada);
  await Promise.all([put('theme', 'dark'), put('theme', 'dark', phone), put('theme', 'dark')]);
  expect(await commitsOf(house, ada)).toHaveLength(1);
  await Promise.all([put('theme', 'light'), put('theme', 'dim', phone)]);
  const last = (await commitsOf(house, ada)).at(-1)!.changes[0];
  const settled = [{ key: 'theme', value: (last as { value: unknown }).value }];
  expect([await list(), await list(phone)]).toEqual([settled, settled]);
});

test('a member has so many: one more is a conflict, one of them may still change, and one taken away makes room', async () => {
  for (let at = 0; at < settingBounds.settings; at++) expect((await put(`k${at}`, at)).status).toBe(200);
  const refused = await put('one-more', 1);
  expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
    409,
    'conflict',
    'A member has at most 200 settings: take one away first',
  ]);
  expect((await put('k7', 'another')).status).toBe(200);
  expect((await put('one-more', null)).status).toBe(200);
  await put('k8', null);
  expect((await put('one-more', 1)).status).toBe(200);
  expect(await list()).toHaveLength(settingBounds.settings);
});

test('whatever else is sent is refused in words and leaves nothing', async () => {
  const strange = ['__proto__', 'constructor%20x', 'Theme', '%20', 'ä', '-a', 'a'.repeat(65), 'a'.repeat(5_000), '$where'];
  for (const key of strange) {
    const { status, body } = await put(key, 1);
    expect([key.slice(0, 20), status, body.code, body.errors?.[0]?.path]).toEqual([key.slice(0, 20), 400, 'validation_failed', 'key']);
  }
  // What no part of an address may hold is refused before anything is read of it.
  for (const key of ['a%00', 'a%2Fb'])
    expect((await put(key, 1)).body).toMatchObject({ code: 'validation_failed', detail: expect.any(String) });
  const bodies = [
    '{"value": {"__proto__": {"a": 1}}}',
    '{"value": {"constructor": {"prototype": 1}}}',
    `{"value": ${nested(17)}}`,
    `{"value": "${'x'.repeat(settingBounds.valueBytes - 1)}"}`,
    `{"value": "${'ä'.repeat(settingBounds.valueBytes / 2)}"}`,
    '{"value": 1, "more": 1}',
    '{"value": 1e999}',
    '{}',
    '[]',
  ];
  for (const body of bodies) {
    const answer = await house.ask('PUT', '/api/settings/theme', { by: ada, body });
    expect([body.slice(0, 40), answer.status, answer.body.code]).toEqual([body.slice(0, 40), 400, 'validation_failed']);
    expect(answer.body.detail).toEqual(expect.any(String));
  }
  expect(await commitsOf(house, ada)).toEqual([]);
  // Names that objects have by themselves are keys like any other.
  expect((await put('constructor', 'x')).status).toBe(200);
  expect(await list()).toEqual([{ key: 'constructor', value: 'x' }]);
});

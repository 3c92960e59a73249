import { afterEach, expect, test } from '@jest/globals';
import { getVersion } from '../../../src/features/version/contract.js';
import { RestHouse } from '../gateway/rest-house.js';

const houses: RestHouse[] = [];
const open = async (): Promise<RestHouse> => {
  const house = await RestHouse.open();
  houses.push(house);
  return house;
};

afterEach(async () => {
  for (const house of houses.splice(0)) await house.close();
});

test('everybody can ask which protocols are spoken, and in which life of the store', async () => {
  const house = await open();
  const { status, body } = await house.ask('GET', '/api/version');
  expect(status).toBe(200);
  expect(getVersion.answer.parse(body)).toEqual({ protocols: [1, 2], history: expect.stringMatching(/^[0-9a-f]{24}$/) });
  expect((await house.ask('GET', '/api/version')).body).toEqual(body);
});

test('another store is another life', async () => {
  const [one, other] = [await open(), await open()];
  const of = async (house: RestHouse) => (await house.ask('GET', '/api/version')).body.history;
  expect(await of(one)).not.toBe(await of(other));
});

test('its address takes nothing else', async () => {
  const house = await open();
  expect((await house.ask('GET', '/api/version?more=1')).status).toBe(400);
  expect((await house.ask('POST', '/api/version', { body: {} })).status).toBe(405);
});

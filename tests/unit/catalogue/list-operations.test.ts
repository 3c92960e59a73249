import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { features } from '../../../src/features/index.js';
import { listOperations } from '../../../src/features/operations/contract.js';
import { RestHouse } from '../gateway/rest-house.js';

let house: RestHouse;

beforeAll(async () => {
  house = await RestHouse.open();
});
afterAll(() => house.close());

test('everybody can ask what can be asked for', async () => {
  const { status, body } = await house.ask('GET', '/api/operations');
  expect(status).toBe(200);
  const { items } = listOperations.answer.parse(body);
  expect(items.map(({ name }) => name)).toEqual(features.flatMap(({ operations }) => operations.map(({ operation }) => operation.name)));
  expect(items.find(({ name }) => name === 'list_operations')).toMatchObject({
    allow: 'no sign-in',
    doors: ['rest', 'socket', 'websocket'],
    input: { type: 'object', additionalProperties: false },
    answer: { type: 'object' },
  });
});

test('its address takes nothing else', async () => {
  expect((await house.ask('GET', '/api/operations?more=1')).status).toBe(400);
  expect((await house.ask('POST', '/api/operations', { body: {} })).status).toBe(405);
});

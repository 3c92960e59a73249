import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendMessage } from '../../../src/features/messages/contract.js';
import { bodyBytesOf } from '../../../src/protocol/body-bytes.js';
import { bounds } from '../../../src/protocol/primitives.js';
import { type Person, RestHouse } from './rest-house.js';

let house: RestHouse;
let ada: Person;

beforeAll(async () => {
  house = await RestHouse.open();
  ada = await house.person();
});
afterAll(() => house.close());

/** Every character written as an escape, as some clients write what is not ASCII. */
const escaped = (json: string): string => json.replace(/é/g, '\\u00e9');

test('a message that holds all it may, each character escaped, is taken; a byte more than its schema can need is not read', async () => {
  const { body: community } = await house.ask('POST', '/api/communities', { by: ada, body: { name: 'c' } });
  const { body: thread } = await house.ask('POST', `/api/threads/community/${community.id}`, { by: ada, body: { title: 't' } });
  const url = 'https://x.example/'.padEnd(bounds.url, 'a');
  const attachments = Array.from({ length: bounds.attachments }, () => ({ url, name: 'é'.repeat(255), content_type: 'é'.repeat(127) }));
  const largest = escaped(JSON.stringify({ content: 'é'.repeat(bounds.content), attachments, nonce: 'n'.repeat(bounds.nonce) }));
  const at = `/api/messages/thread/${thread.id}`;
  expect(largest.length).toBeGreaterThan(64_000);
  expect((await house.ask('POST', at, { by: ada, body: largest })).status).toBe(201);
  const more = '{}'.padEnd(bodyBytesOf({ body: sendMessage.input.omit({ thread_id: true }) }) + 1);
  expect((await house.ask('POST', at, { by: ada, body: more })).status).toBe(413);
});

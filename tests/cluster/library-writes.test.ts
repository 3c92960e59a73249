import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, record, signUpAndConnect, token } from './people.js';
import { RawReader } from './raw-reader.js';

/** Nodes that reach into no library: all that clients have, they have here. */
let cluster: TestCluster;
let ada: ParleyClient;
let ben: ParleyClient;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, env: { DIRECT_WRITES: 'off' } });
  ada = await signUpAndConnect([cluster.urls[0]!]);
  ben = await signUpAndConnect([cluster.urls[1]!]);
});
afterAll(async () => {
  ada?.close();
  ben?.close();
  await cluster?.stop();
});

test('bursts arrive whole and in order on both nodes, packed and by single events', async () => {
  const { thread } = await found(ada, [ben]);
  const bearer = await token(ben);
  const readers = await Promise.all(cluster.urls.map((url) => RawReader.open(url, bearer, { pack: false })));
  await Promise.all(readers.map((reader) => reader.join(thread.id)));
  const heard = [ada, ben].map((client) => record(client, 'new_message'));
  for (const client of [ada, ben]) await client.emit('join_thread', { thread_id: thread.id });
  const count = 200;
  await Promise.all(Array.from({ length: count }, (_, i) => ada.send(thread.id, { content: `number ${i}` })));
  await until('everybody to have heard everything', () => heard.every((list) => list.length >= count));
  await until('single events to be there too', () => readers.every(({ events }) => events >= count));
  const inOrder = Array.from({ length: count }, (_, i) => i + 1);
  for (const list of heard) {
    const messages = list.map(({ payload }) => payload.message);
    expect(messages.map(({ seq }) => seq)).toEqual(inOrder);
    expect(new Set(messages.map((message) => 'content' in message && message.content)).size).toBe(count);
  }
  expect(readers.map(({ events, frames }) => [events, frames >= count])).toEqual([
    [count, true],
    [count, true],
  ]);
  for (const reader of readers) reader.close();
});

import { Queue } from 'bullmq';
import { endpointOf } from '../../../scripts/services/endpoint.js';
import { queueNames, queuePrefix } from '../../../src/workers/queues.js';
import { oneOf } from '../random.js';
import { RawReader } from '../raw-reader.js';
import { prefix } from '../site.js';
import type { Fault } from './fault.js';
import { inboxes } from './redis-faults.js';

const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
const frames: readonly (string | Uint8Array)[] = [
  `420${deep}`,
  `42["send_message",{"thread_id":${deep}}]`,
  '42["send_message"]',
  '421["__proto__",{}]',
  '42["constructor",{"prototype":1}]',
  '422["join_thread",{"thread_id":"000000000000000000000000"}]',
  '423["join_thread",null]',
  '424[]',
  '425["mark_read",{"thread_id":"x","seq":-1}]',
  '451-["send_message",{"_placeholder":true,"num":0}]',
  '43999999["x"]',
  '42/admin,["x"]',
  '4',
  '40',
  '9',
  '\u0000\u0000',
  new Uint8Array([0, 255, 1, 254, 2]),
  `42["typing","${'x'.repeat(200_000)}"]`,
  'x'.repeat(1_100_000),
];

const bodies = [
  '',
  'not json',
  '{}',
  '[null]',
  '[{}]',
  '[[]]',
  '[{"t":"m"}]',
  '[{"t":"m","v":1,"k":"nobody","y":"1","m":{"type":"x"}}]',
  '[{"t":"m","v":1,"k":"thread","y":"not-an-id","m":{"type":"send"},"i":"1","f":"nobody","d":1000}]',
  '[{"t":"m","v":1,"k":"thread","y":"000000000000000000000000","m":null,"i":"2","f":"nobody","d":1000}]',
  '[{"t":"m","v":1,"k":"community","y":"000000000000000000000000","m":{"type":"constructor"},"c":["x:y"]}]',
  '[{"t":"r","i":"nobody-asked"}]',
  '[{"t":"q","a":"nobody","z":["x"]}]',
  '[{"t":"z"}]',
  deep,
];

export const poisonMessages: Fault = async ({ redis, crowd, site, random, sleep }) => {
  const open: RawReader[] = [];
  try {
    for (const frame of frames) {
      const token = await oneOf(random, crowd.talkers).client.session.token();
      const reader = new RawReader(oneOf(random, site.urls), token ?? '');
      open.push(reader);
      if (await reader.entered()) reader.send(frame);
    }
    for (const inbox of await inboxes(redis)) {
      for (const [i, body] of bodies.entries()) await redis.xadd(inbox, 'NOMKSTREAM', '*', 'f', `poison-${i}`, 'n', '1', 'b', body);
      await redis.xadd(inbox, 'NOMKSTREAM', '*', 'f', 'poison');
      await redis.xadd(inbox, 'NOMKSTREAM', '*', 'n', 'NaN', 'b', '[]', 'f', '');
      await redis.xadd(inbox, 'NOMKSTREAM', '*', 'x', 'y');
    }
    // And to the living threads: messages of kinds that no actor knows.
    for (const place of crowd.places) {
      for (const thread of place.threads) {
        const body = JSON.stringify([{ t: 'm', v: 1, k: 'thread', y: thread, m: { type: 'poison', content: {} } }]);
        for (const inbox of await inboxes(redis)) await redis.xadd(inbox, 'NOMKSTREAM', '*', 'f', `poison-${thread}`, 'n', '1', 'b', body);
      }
    }
    await sleep(3_000);
  } finally {
    for (const reader of open) reader.drop();
  }
};

export const poisonJobs: Fault = async ({ site, sleep }) => {
  const connection = { ...endpointOf(site.redisUrl), maxRetriesPerRequest: null };
  const queues = queueNames.map((name) => new Queue(name, { connection, prefix: queuePrefix(prefix) }));
  for (const queue of queues) queue.on('error', () => undefined);
  try {
    for (const queue of queues) {
      await queue.add('visit', { threads: ['not an id'] });
      await queue.add('visit', { threads: [] });
      await queue.add('visit', null);
      await queue.add('no such job', { a: 1 });
      await queue.add('sweep', { reach: 'far' });
      await queue.add('purge', { thread_id: { $ne: null } });
      await queue.add('visit', { threads: ['000000000000000000000000'] });
    }
    await sleep(3_000);
  } finally {
    await Promise.all(queues.map((queue) => queue.close()));
  }
};

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { z } from 'zod';
import { signedIn } from '../../../src/authority/allow.js';
import { bind } from '../../../src/catalogue/bound.js';
import { Catalogue } from '../../../src/catalogue/catalogue.js';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { Invoke } from '../../../src/catalogue/invoke.js';
import { defineOperation } from '../../../src/catalogue/operation.js';
import { noLimits } from '../../../src/gateway/limits/limiter.js';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import { createApi } from '../../../src/gateway/rest/api.js';
import { beginVisit } from '../../../src/gateway/rest/visit.js';
import { Dispatch } from '../../../src/gateway/socket/dispatch.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { caller } from './operations.js';

const tell = defineOperation({
  name: 'tell_story',
  also: ['narrate'],
  wrapped: 'story',
  tag: 'test',
  summary: 'Tells',
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'write',
  repeat: 'by nonce',
  input: z.strictObject({ story_id: z.string(), text: z.string(), nonce: z.string().optional() }),
  answer: z.object({ id: z.string(), text: z.string() }),
  rest: {
    ...{ method: 'patch', path: '/stories/:story_id', status: 201, alsoStatus: 200 },
    aliases: [
      { method: 'put', path: '/stories/:story_id' },
      { method: 'post', path: '/tales' },
    ],
  },
  example: {},
});

const clock = systemClock;
const telemetry = new Telemetry();
const logger = createLogger({ level: 'silent', node: 'test' });
const told = new Set<string>();
const catalogue = new Catalogue([
  {
    name: 'stories',
    operations: [
      bind(tell, async (_caller, { story_id, text, nonce }, { again }) => {
        if (nonce !== undefined && told.has(nonce)) again();
        if (nonce !== undefined) told.add(nonce);
        return { id: story_id, text };
      }),
    ],
  },
]);
const invoke = new Invoke({
  ...{ limiter: noLimits, shedder: noShedding, clock, ports: {} as FeaturePorts },
  places: { enter: () => undefined, standing: () => Promise.reject(new Error('there are no places')) },
});
let server: Server;
let url: string;

beforeAll(async () => {
  const app = express();
  app.use(beginVisit({ clock, telemetry, addressOf: () => '192.0.2.1' }));
  app.use('/api', createApi({ catalogue, invoke, authenticator: { authenticate: async () => caller } }));
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
});
afterAll(() => void server.close());

const ask = async (method: string, path: string, body: object): Promise<[number, unknown, string | null]> => {
  const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  const isJson = response.headers.get('content-type')?.includes('json');
  return [response.status, isJson ? await response.json() : undefined, response.headers.get('allow')];
};

test('each of its ways is the same, and is answered without a field around it', async () => {
  const answer = { id: 's', text: 'once' };
  expect(await ask('PATCH', '/stories/s', { text: 'once' })).toEqual([201, answer, null]);
  expect(await ask('PUT', '/stories/s', { text: 'once' })).toEqual([201, answer, null]);
  // What a path does not name comes in the body.
  expect(await ask('POST', '/tales', { text: 'once', story_id: 's' })).toEqual([201, answer, null]);
});

test('what had been done before says so by each way', async () => {
  const statuses = [
    await ask('PATCH', '/stories/s', { text: 'x', nonce: 'n' }),
    await ask('PUT', '/stories/s', { text: 'x', nonce: 'n' }),
    await ask('POST', '/tales', { text: 'x', story_id: 's', nonce: 'n' }),
  ].map(([status]) => status);
  expect(statuses).toEqual([201, 200, 200]);
});

test('an address names all the methods that it takes', async () => {
  expect(await ask('DELETE', '/stories/s', {})).toMatchObject([405, { code: 'validation_failed' }, 'PATCH, PUT']);
  expect(await ask('PUT', '/tales', {})).toMatchObject([405, { code: 'validation_failed' }, 'POST']);
});

test('each of its names is the same at sockets, and its answer stands in a field', async () => {
  const noRooms = () => Promise.reject(new Error('no rooms'));
  const connectionOf = () => ({ subscribe: noRooms, followHeads: noRooms, leave: () => undefined, opened: () => undefined });
  const dispatch = new Dispatch({ catalogue, invoke, clock, logger, telemetry, connectionOf });
  const subscriber = new Subscriber({ id: 'x', join: () => undefined, leave: () => undefined, give: () => undefined }, caller);
  for (const name of ['tell_story', 'narrate']) {
    const answers: unknown[] = [];
    await dispatch.receive(subscriber, [name, { story_id: 's', text: 'once' }, (answer: unknown) => void answers.push(answer)]);
    expect(answers).toEqual([{ ok: true, data: { story: { id: 's', text: 'once' } } }]);
  }
  const { values } = await telemetry.socketEvents.get();
  expect(values.map(({ labels, value }) => [labels.event, labels.outcome, value])).toEqual([['tell_story', 'ok', 2]]);
});

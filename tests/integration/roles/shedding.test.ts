import { afterEach, expect, test } from '@jest/globals';
import { ParleyClient } from '../../../src/client/index.js';
import { type Load, shedOrder, type Work } from '../../../src/gateway/limits/shedding.js';
import { loadConfig } from '../../../src/kernel/config.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { Lifecycle } from '../../../src/kernel/lifecycle.js';
import { type Foundation, layFoundation } from '../../../src/roles/foundation.js';
import { composeNode } from '../../../src/roles/node.js';
import { freePorts } from '../../cluster/harness.js';
import { testMongodbUrl, testRedisUrl } from '../../services-env.js';
import { until } from '../../until.js';

/** A whole node as it is started for people, in this process, on real services. */
let foundation: Foundation;
let node: Lifecycle;
let url: string;
let ada: ParleyClient;
let thread_id: string;

const open = async (load?: () => Load): Promise<void> => {
  const name = `shed_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  const [port] = await freePorts(1);
  const config = loadConfig({
    env: {
      NODE_ENV: 'test',
      ROLE: 'gateway',
      PORT: String(port),
      REDIS_URL: testRedisUrl(),
      KEY_PREFIX: name,
      MONGODB_URL: testMongodbUrl(),
      MONGODB_DATABASE: name,
      RATE_LIMITS: 'off',
      LOG_LEVEL: 'silent',
    },
  });
  foundation = await layFoundation(config);
  node = composeNode(foundation, () => undefined, load);
  await node.start();
  url = `http://127.0.0.1:${port}`;
  ada = new ParleyClient({ urls: [url] });
  await ada.register({ username: `ada_${port}`, email: `ada_${port}@example.org`, password: 'correct horse battery' });
  await ada.connect();
  const community = await ada.operations.createCommunity({ name: 'c' });
  thread_id = (await ada.operations.createThread({ community_id: community.id, title: 'A thread' })).id;
};

afterEach(async () => {
  ada.connection.stop('signed_out');
  await node.stop();
});

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (error: unknown) => Fault.from(error).code,
  );

/** Asked once: the client would come again. */
const rest = async (method: string, path: string, body?: object): Promise<string> => {
  const headers = { authorization: `Bearer ${await ada.session.token()}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return answer.ok ? 'ok' : ((await answer.json()) as { code: string }).code;
};

/** One thing of each kind of work, and what is answered when nothing is too much. */
const works: Record<Work, { ask(): Promise<string>; usual: string }> = {
  signal: { ask: () => codeOf(ada.emit('typing', { thread_id })), usual: 'ok' },
  search: { ask: () => rest('GET', '/messages/search?q=hello'), usual: 'ok' },
  history: { ask: () => rest('GET', '/communities'), usual: 'ok' },
  connect: { ask: () => rest('POST', '/auth/login', { login: 'nobody', password: 'not a password' }), usual: 'unauthenticated' },
  send: { ask: () => codeOf(ada.emit('send_message', { thread_id, content: 'x', nonce: `n${Math.random()}` })), usual: 'ok' },
};
/** What is refused for being too much; everything else is answered as usual. */
const shed = async (): Promise<Work[]> => {
  const refused: Work[] = [];
  for (const work of shedOrder) {
    const answer = await works[work].ask();
    if (answer === 'overloaded') refused.push(work);
    else expect([work, answer]).toEqual([work, works[work].usual]);
  }
  return refused;
};

const level = async (): Promise<number> => (await foundation.telemetry.shedLevel.get()).values[0]?.value ?? 0;

test('a node sheds in the promised order, sends last, and does it all again when the load is gone', async () => {
  let load: Load = { loopDelayMs: 0, waiting: 0, commitMs: 0 };
  await open(() => load);
  expect(await shed()).toEqual([]);
  for (const [step, loopDelayMs] of [250, 400, 700, 1_200, 2_000].entries()) {
    load = { loopDelayMs, waiting: 0, commitMs: 0 };
    await until(`level ${step + 1}`, async () => (await level()) === step + 1);
    expect(await shed()).toEqual(shedOrder.slice(0, step + 1));
  }
  load = { loopDelayMs: 0, waiting: 0, commitMs: 0 };
  await until('nothing to be shed', async () => (await level()) === 0);
  expect(await shed()).toEqual([]);
});

test('a node whose event loop is held up again and again sheds, and what it sheds is done again afterwards', async () => {
  await open();
  await until('something to be shed', async () => {
    const end = performance.now() + 1_000;
    while (performance.now() < end);
    return (await level()) > 0;
  });
  expect(await works.signal.ask()).toBe('overloaded');
  await until('nothing to be shed', async () => (await level()) === 0);
  expect(await shed()).toEqual([]);
});

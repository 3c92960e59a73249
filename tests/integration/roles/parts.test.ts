import { afterEach, expect, test } from '@jest/globals';
import { loadConfig } from '../../../src/kernel/config.js';
import type { Lifecycle } from '../../../src/kernel/lifecycle.js';
import { layFoundation } from '../../../src/roles/foundation.js';
import { composeNode } from '../../../src/roles/node.js';
import { composeOffline } from '../../../src/roles/offline.js';
import { composeWorker } from '../../../src/roles/worker.js';
import { freePorts } from '../../cluster/harness.js';
import { testMongodbUrl, testRedisUrl } from '../../services-env.js';

/** The parts of each role, on real services, in the order of start. They stop in reverse. */
const prefix = `parts_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
let running: Lifecycle[] = [];

const foundationOf = async (name: string) => {
  const [port] = await freePorts(1);
  return layFoundation(
    loadConfig({
      env: {
        NODE_ENV: 'test',
        RATE_LIMITS: 'on',
        PORT: String(port),
        REDIS_URL: testRedisUrl(),
        KEY_PREFIX: `${prefix}${name}`,
        MONGODB_URL: testMongodbUrl(),
        MONGODB_DATABASE: `${prefix}${name}`,
        LOG_LEVEL: 'silent',
      },
    }),
  );
};
const started = async (parts: Lifecycle): Promise<string[]> => {
  running.push(parts);
  await parts.start();
  return parts.names;
};

afterEach(async () => {
  for (const parts of running.reverse()) await parts.stop();
  running = [];
});

test('a node: its work ends before the actors, which hand over before; readers are sent away first', async () => {
  expect(await started(composeNode(await foundationOf('n'), () => undefined))).toEqual([
    'foundation',
    'loop delay',
    'load shedding',
    'limits',
    'live events',
    'hub',
    'nudge',
    'fitness',
    'actors',
    'head check',
    'passwords',
    'memory pressure',
    'heap room',
    'workers',
    'http',
    'handover',
    'sockets',
    'entrance',
    'listening',
  ]);
});

test('a worker, and tools with and without a cluster', async () => {
  expect(await started((await composeOffline(await foundationOf('o'))).lifecycle)).toEqual(['foundation', 'nudge', 'actors', 'handover']);
  expect(await started((await composeOffline(await foundationOf('o'))).lifecycle)).toEqual(['foundation', 'actors']);
  expect(await started(composeWorker(await foundationOf('o')))).toEqual(['foundation', 'actors', 'workers']);
});

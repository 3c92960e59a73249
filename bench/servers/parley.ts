import { freePort } from '../../scripts/services/ports.js';
import { NodeProcess } from '../../scripts/start/node-process.js';
import { pin } from '../measure/cores.js';
import type { BenchServices } from './bench-services.js';
import type { Ground } from './ground.js';
import { newSecret, tokenSeconds, writeScene } from './people.js';
import type { Scene } from './scene.js';

/**
 * Starts `nodes` real nodes on a database and keys of their own, with rate limits off. Workers are in them unless they are only gateways,
 * or in so many processes of their own.
 */
export const startParley = async (
  services: BenchServices,
  scene: Scene,
  nodes = 1,
  { role = 'all', workers = 0 }: { role?: 'all' | 'gateway'; workers?: number } = {},
): Promise<Ground> => {
  const name = services.freshName();
  const secret = newSecret();
  const tokens = await writeScene(services.mongoUrl, name, secret, scene);
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'test',
    ROLE: workers > 0 ? 'gateway' : role,
    HOST: '127.0.0.1',
    REDIS_URL: services.redisUrl,
    MONGODB_URL: services.mongoUrl,
    MONGODB_DATABASE: name,
    KEY_PREFIX: name,
    JWT_SECRET: secret,
    ACCESS_TOKEN_SECONDS: String(tokenSeconds),
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'warn',
    DRAIN_MS: '1000',
  };
  const ports = await freePorts(nodes + workers);
  const started = ports.map((port, i) => {
    const place = { port, dataDir: services.folder };
    if (i < nodes) return new NodeProcess({ id: `${name}-n${i + 1}`, ...place, env });
    return new NodeProcess({ id: `${name}-w${i - nodes + 1}`, ...place, env: { ...env, ROLE: 'worker' } });
  });
  const processes = started.slice(0, nodes);
  const end = async (): Promise<void> => void (await Promise.all(started.map((node) => node.stop(true))));
  try {
    for (const node of started) await node.restart();
    if (nodes === 1) await pin(processes[0]!.pid, 'server');
    await Promise.all(processes.map((node) => node.untilReady()));
  } catch (error) {
    await end();
    throw error;
  }
  return { port: ports[0]!, ports: ports.slice(0, nodes), pids: processes.map(({ pid }) => pid), tokens, scene, end };
};

const freePorts = async (count: number): Promise<number[]> => {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
};

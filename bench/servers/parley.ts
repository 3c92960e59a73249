import { freePort } from '../../scripts/services/ports.js';
import { NodeProcess } from '../../scripts/start/node-process.js';
import { pin } from '../measure/cores.js';
import type { BenchServices } from './bench-services.js';
import type { Ground } from './ground.js';
import { newSecret, tokenSeconds, writeScene } from './people.js';
import type { Scene } from './scene.js';

/** Starts `nodes` real nodes on a database and keys of their own, with rate limits off; workers are on unless they are only gateways. */
export const startParley = async (services: BenchServices, scene: Scene, nodes = 1, role: 'all' | 'gateway' = 'all'): Promise<Ground> => {
  const name = services.freshName();
  const secret = newSecret();
  const tokens = await writeScene(services.mongoUrl, name, secret, scene);
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'test',
    ROLE: role,
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
  const ports = await freePorts(nodes);
  const processes = ports.map((port, i) => new NodeProcess({ id: `${name}-n${i + 1}`, port, dataDir: services.folder, env }));
  const end = async (): Promise<void> => void (await Promise.all(processes.map((node) => node.stop(true))));
  try {
    for (const node of processes) await node.restart();
    if (nodes === 1) await pin(processes[0]!.pid, 'server');
    await Promise.all(processes.map((node) => node.untilReady()));
  } catch (error) {
    await end();
    throw error;
  }
  return { port: ports[0]!, ports, pids: processes.map(({ pid }) => pid), tokens, scene, end };
};

const freePorts = async (count: number): Promise<number[]> => {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
};

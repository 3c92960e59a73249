import { pin } from '../measure/cores.js';
import { Child } from '../processes/child.js';
import type { BenchServices } from './bench-services.js';
import type { Ground } from './ground.js';
import type { PeerOptions, PeerStart } from './peer-options.js';
import type { Scene } from './scene.js';

const program = new URL('./peer-process.ts', import.meta.url);

/** Starts `nodes` processes of bare Socket.IO. */
export const startPeer = async (services: BenchServices, options: PeerOptions, scene: Scene, nodes = 1): Promise<Ground> => {
  const start: PeerStart = { ...options, redisUrl: services.redisUrl, mongoUrl: services.mongoUrl, database: services.freshName() };
  const children = Array.from({ length: nodes }, (_, i) => Child.start(program, `peer ${i + 1}`));
  const ports = await Promise.all(children.map((child) => child.call<number>('start', start)));
  if (nodes === 1) await pin(children[0]!.pid, 'server');
  return {
    port: ports[0]!,
    ports,
    pids: children.map(({ pid }) => pid),
    tokens: Array.from({ length: scene.members }, () => 'anyone'),
    scene,
    end: async () => void (await Promise.all(children.map((child) => child.end()))),
  };
};

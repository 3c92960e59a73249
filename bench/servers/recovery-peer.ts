import { Child } from '../processes/child.js';
import type { BenchServices } from './bench-services.js';
import type { Ground } from './ground.js';
import type { Scene } from './scene.js';

const program = new URL('./recovery-peer-process.ts', import.meta.url);

export interface RecoveryPeer extends Ground {
  /** The first process ends in order, as when it is deployed anew. */
  leave(): Promise<void>;
}

/** Starts two processes of bare Socket.IO that can take up each other's connections. */
export const startRecoveryPeer = async (services: BenchServices, scene: Scene): Promise<RecoveryPeer> => {
  const children = [Child.start(program, 'peer 1'), Child.start(program, 'peer 2')] as const;
  const start = { redisUrl: services.redisUrl, name: services.freshName() };
  const ports = await Promise.all(children.map((child) => child.call<number>('start', start)));
  return {
    port: ports[0]!,
    ports,
    pids: children.map(({ pid }) => pid),
    tokens: Array.from({ length: scene.members }, () => 'anyone'),
    scene,
    leave: async () => {
      await children[0].call('close');
      await children[0].end();
    },
    end: async () => void (await Promise.all(children.map((child) => child.end()))),
  };
};

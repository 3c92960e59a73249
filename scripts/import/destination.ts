import { Redis } from 'ioredis';
import type { ActorSystem } from '../../src/actors/runtime/actor.js';
import { loadConfig } from '../../src/kernel/config.js';
import { type Foundation, layFoundation } from '../../src/roles/foundation.js';
import { composeOffline } from '../../src/roles/offline.js';
import { startServices } from '../services/services.js';
import { RunFile } from '../start/run-file.js';

export interface DestinationOptions {
  dataDir: string;
  redis?: string | undefined;
  mongo?: string | undefined;
  log(line: string): void;
}

export interface Destination {
  foundation: Foundation;
  actors: ActorSystem;
  /** In words, for people. */
  what: string;
  close(): Promise<void>;
}

interface Services {
  redis: string;
  mongo: string;
  stop(): Promise<void>;
}

const answers = async (url: string): Promise<boolean> => {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
};

/** As named; else those of the running Parley; else those of the environment or our own, which are started for the while. */
const findServices = async ({ dataDir, redis, mongo, log }: DestinationOptions): Promise<Services> => {
  const nothing = async (): Promise<void> => undefined;
  if (redis && mongo) return { redis, mongo, stop: nothing };
  if (redis || mongo) throw new Error('--redis and --mongo belong together');
  const running = new RunFile(dataDir).read()?.services;
  if (running && (await answers(running.redis.url))) return { redis: running.redis.url, mongo: running.mongo.url, stop: nothing };
  const started = await startServices({ dataDir, log });
  return { redis: started.redis.url, mongo: started.mongo.url, stop: () => started.stop() };
};

/** The store and the actors to bring messages to: the living cluster's, or those of a node of our own. */
export const openDestination = async (options: DestinationOptions): Promise<Destination> => {
  const services = await findServices(options);
  try {
    const config = loadConfig({
      overrides: { redis: { url: services.redis }, mongodb: { url: services.mongo }, log: { level: 'error' }, node: { id: 'import' } },
    });
    const foundation = await layFoundation(config);
    const { actors, alone, lifecycle } = await composeOffline(foundation);
    await lifecycle.start();
    return {
      foundation,
      actors,
      what: alone ? 'no node is running; the import runs the actors itself' : 'the running cluster takes the messages',
      close: async () => {
        await lifecycle.stop();
        await services.stop();
      },
    };
  } catch (error) {
    await services.stop();
    throw error;
  }
};

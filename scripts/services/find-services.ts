import { Redis } from 'ioredis';
import { RunFile } from '../start/run-file.js';
import { startServices } from './services.js';

export interface WantedServices {
  dataDir: string;
  redis?: string | undefined;
  mongo?: string | undefined;
  log(line: string): void;
}

export interface FoundServices {
  redis: string;
  mongo: string;
  /** Ends those that were started for the while. */
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

/**
 * For tools that run beside an installation or alone. As named; else those of the running Parley; else those of the environment or our
 * own, which are started for the while.
 */
export const findServices = async ({ dataDir, redis, mongo, log }: WantedServices): Promise<FoundServices> => {
  const nothing = async (): Promise<void> => undefined;
  if (redis && mongo) return { redis, mongo, stop: nothing };
  if (redis || mongo) throw new Error('--redis and --mongo belong together');
  const running = new RunFile(dataDir).read()?.services;
  if (running && (await answers(running.redis.url))) return { redis: running.redis.url, mongo: running.mongo.url, stop: nothing };
  const started = await startServices({ dataDir, log });
  return { redis: started.redis.url, mongo: started.mongo.url, stop: () => started.stop() };
};

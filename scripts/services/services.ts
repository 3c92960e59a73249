import { resolve } from 'node:path';
import { startMongo } from './mongo-server.js';
import { privateFolder } from './private-folder.js';
import { startRedis } from './redis-server.js';
import type { RunningService, ServiceOptions } from './running-service.js';
import { removeSocketFolder } from './socket-folder.js';

export type { RunningService, ServiceOptions };

export interface RunningServices {
  redis: RunningService;
  mongo: RunningService;
  /** Ends what is ours, MongoDB first. */
  stop(): Promise<void>;
}

/** Makes sure of Redis and MongoDB. When one of them fails, the other is stopped again and the failure thrown. */
export const startServices = async (wanted: ServiceOptions): Promise<RunningServices> => {
  const options = { ...wanted, dataDir: resolve(wanted.dataDir) };
  privateFolder(options.dataDir);
  const redis = await startRedis(options);
  let mongo: RunningService;
  try {
    mongo = await startMongo(options);
  } catch (error) {
    await redis.stop();
    throw error;
  }
  return {
    redis,
    mongo,
    async stop() {
      await mongo.stop();
      await redis.stop();
      removeSocketFolder(options.dataDir);
    },
  };
};

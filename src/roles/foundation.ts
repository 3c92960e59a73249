import type { Backbone } from '../actors/cluster/backbone.js';
import { connectRedisBackbone } from '../actors/cluster/redis/connect.js';
import { expectCommon } from '../actors/cluster/versions.js';
import { currentWire } from '../actors/cluster/wire.js';
import { collectionsOf } from '../catalogue/assembled.js';
import { features } from '../features/index.js';
import { type Clock, systemClock } from '../kernel/clock.js';
import type { Config } from '../kernel/config.js';
import { randomToken } from '../kernel/ids.js';
import { createLogger, type Logger } from '../kernel/logger.js';
import { Telemetry } from '../kernel/telemetry.js';
import type { Store } from '../store/contracts.js';
import { connectStore } from '../store/mongo/client.js';

/** What every role stands on. */
export interface Foundation {
  config: Config;
  /** Stable name of this process, in logs and in the cluster. */
  name: string;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  store: Store;
  /** How long the oldest write of messages has been waiting for the store, ms. */
  commitMs(): number;
  backbone: Backbone;
  close(): Promise<void>;
}

/** Where the queues of background work are. */
export const queuesOf = ({ config, clock, logger, telemetry }: Foundation) => ({
  redisUrl: config.redis.url,
  prefix: config.redis.keyPrefix,
  ...{ clock, logger, telemetry },
});

/**
 * Connects Redis and the store, and brings the store's indexes up to date. Rejects when the store cannot be reached, and, before
 * the store is touched, when the cluster's members are of versions with which this release shares none.
 */
export const layFoundation = async (config: Config): Promise<Foundation> => {
  const clock = systemClock;
  const name = config.node.id ?? `node-${randomToken(4)}`;
  const logger = createLogger({ level: config.log.level, node: name });
  const telemetry = new Telemetry();
  const backbone = connectRedisBackbone({ url: config.redis.url, prefix: config.redis.keyPrefix, clock, logger });
  // Without Redis joining waits, and looks again.
  const table = await backbone.slots.read().catch(() => undefined);
  expectCommon(currentWire, table?.members ?? []);
  const { url, database } = config.mongodb;
  const { store, commitMs, close } = await connectStore({ url, database, clock, telemetry, logger, collections: collectionsOf(features) });
  return {
    config,
    name,
    clock,
    logger,
    telemetry,
    store,
    commitMs,
    backbone,
    close: async () => {
      await backbone.close();
      await close();
    },
  };
};

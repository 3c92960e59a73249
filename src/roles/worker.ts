import { constants, setPriority } from 'node:os';
import { ClusterSender } from '../actors/cluster/sender.js';
import { Lifecycle } from '../kernel/lifecycle.js';
import type { Logger } from '../kernel/logger.js';
import { createWorkers } from '../workers/workers.js';
import type { Foundation } from './foundation.js';

/** Workers alone: they tell actors, but own none. Nodes on the same machine go first: what a worker does can wait. */
export const composeWorker = (foundation: Foundation): Lifecycle => {
  const { config, name, backbone, clock, logger, telemetry, store } = foundation;
  giveWay(logger);
  const actors = new ClusterSender({ name, backbone, clock, logger, telemetry });
  const workers = createWorkers({
    redisUrl: config.redis.url,
    prefix: config.redis.keyPrefix,
    store,
    actors,
    clock,
    logger,
    telemetry,
    concurrency: 4,
  });
  return new Lifecycle((part, err) => logger.error({ part, err }, 'could not stop'))
    .add({ name: 'foundation', stop: () => foundation.close() })
    .add({ name: 'actors', start: () => actors.start(), stop: () => actors.stop() })
    .add(workers);
};

const giveWay = (logger: Logger): void => {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch (err) {
    logger.warn({ err }, 'this process could not be put behind others on its machine');
  }
};

import { constants, setPriority } from 'node:os';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { Logger } from '../kernel/logger.js';
import { createWorkers } from '../workers/workers.js';
import { compose } from './compose.js';
import { type Foundation, queuesOf } from './foundation.js';
import { othersActors } from './others-actors.js';

/** Workers alone: they tell actors, but own none. Nodes on the same machine go first: what a worker does can wait. */
export const composeWorker = (foundation: Foundation): Lifecycle => {
  giveWay(foundation.logger);
  return compose({
    ...foundation,
    foundation,
    actors: othersActors(foundation),
    work: (parts, { store, actors }) => void parts.use(createWorkers({ ...queuesOf(foundation), store, actors, concurrency: 4 })),
  }).parts;
};

const giveWay = (logger: Logger): void => {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch (err) {
    logger.warn({ err }, 'this process could not be put behind others on its machine');
  }
};

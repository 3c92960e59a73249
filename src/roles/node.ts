import type { Load } from '../gateway/limits/shedding.js';
import { createFanoutClients } from '../gateway/redis/fanout-clients.js';
import { ShardedChannels } from '../gateway/socket/sharded-channels.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import { createNudge } from '../workers/nudge.js';
import { createWorkers } from '../workers/workers.js';
import { compose } from './compose.js';
import { type Foundation, queuesOf } from './foundation.js';
import { heapRoom } from './heap-room.js';
import { memoryPressure } from './memory-pressure.js';
import { ownActors } from './own-actors.js';
import { peopleAuth } from './people-auth.js';
import { peopleBounds } from './people-bounds.js';
import { peopleDoors } from './people-doors.js';
import type { House, Live } from './ports.js';

const liveOn =
  ({ config, name, clock, logger }: Foundation) =>
  (parts: Lifecycle): Live => {
    const { pub, sub } = parts.use(createFanoutClients(config.redis.url, { clock, logger }, { name }));
    const channels = new ShardedChannels({ pub, sub, clock, logger });
    return { channels, prefix: `${config.redis.keyPrefix}:rooms`, directWrites: config.sockets.directWrites };
  };

/**
 * A node: both doors, its share of the actors and, unless told otherwise, workers. `escalate` ends the process. `load`: how busy
 * the node is, where a test says it; else it is measured.
 */
export const composeNode = (foundation: Foundation, escalate: (reason: string) => void, load?: () => Load): Lifecycle => {
  const { config, clock, logger } = foundation;
  const work = (parts: Lifecycle, { cluster, hub, store, actors }: House): void => {
    if (!cluster) return;
    parts.use(memoryPressure(cluster.catalog, clock, logger));
    parts.use(heapRoom({ population: () => cluster.catalog.size + (hub?.io.sockets.sockets.size ?? 0), clock }));
    // A node that may not join takes no jobs.
    if (config.node.role === 'all') parts.use(createWorkers({ ...queuesOf(foundation), store, actors, yields: true }));
  };
  return compose({
    ...foundation,
    foundation,
    publicUrl: config.http.publicUrl,
    bounds: peopleBounds(foundation, load),
    live: liveOn(foundation),
    nudge: (parts) => parts.use(createNudge(queuesOf(foundation))),
    actors: ownActors({
      ...foundation,
      url: config.http.publicUrl ?? `http://${config.http.host}:${config.http.port}`,
      limits: { leaseMs: config.cluster.leaseMs, handOverMs: config.cluster.drainMs / 3 },
      onRefused: (error) => escalate(error.message),
      onEscalate: (address, err) => {
        logger.fatal({ address, err }, 'an actor cannot go on on this node');
        escalate('escalated');
      },
    }),
    people: peopleAuth({ config }),
    work,
    doors: peopleDoors({ config }),
  }).parts;
};

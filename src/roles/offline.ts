import { ClusterNode } from '../actors/cluster/node.js';
import { ClusterSender } from '../actors/cluster/sender.js';
import { domainKinds } from '../actors/domain/kinds.js';
import type { Fanout } from '../actors/domain/ports.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import { slicesOf } from '../catalogue/assembled.js';
import { features } from '../features/index.js';
import { Lifecycle } from '../kernel/lifecycle.js';
import { createNudge } from '../workers/nudge.js';
import type { Foundation } from './foundation.js';

/** Without sockets there is nobody to tell. */
const silence: Fanout = { publish: () => undefined, reached: () => undefined, evict: () => undefined, close: () => undefined };

/**
 * The actors for a tool such as the import: those of the living cluster when there is one, else a node of its own, without
 * doors, that lives as long as the tool does.
 */
export const composeOffline = async (foundation: Foundation): Promise<{ actors: ActorSystem; alone: boolean; lifecycle: Lifecycle }> => {
  const { config, name, backbone, clock, logger, telemetry, store } = foundation;
  const lifecycle = new Lifecycle((part, err) => logger.error({ part, err }, 'could not stop')).add({
    name: 'foundation',
    stop: () => foundation.close(),
  });
  const alone = (await backbone.slots.read()).members.length === 0;
  if (!alone) {
    const sender = new ClusterSender({ name, backbone, clock, logger, telemetry });
    lifecycle.add({ name: 'actors', start: () => sender.start(), stop: () => sender.stop() });
    return { actors: sender, alone, lifecycle };
  }
  const nudge = createNudge({ redisUrl: config.redis.url, prefix: config.redis.keyPrefix, clock, logger, telemetry });
  const kinds = domainKinds({ store, fanout: silence, nudge, slices: slicesOf(features) });
  const node = new ClusterNode({ nodeId: name, url: '', kinds, backbone, witness: store.epochs, clock, logger, telemetry });
  lifecycle.add(nudge).add({ name: 'actors', start: () => node.start(), stop: () => node.stop() });
  return { actors: node.system, alone, lifecycle };
};

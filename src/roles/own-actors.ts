import { ProbedFitness } from '../actors/cluster/fitness.js';
import { ClusterNode, type ClusterNodeOptions } from '../actors/cluster/node.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { Actors, ActorsPlace, Tools } from './ports.js';

export interface OwnActorsOptions extends Tools, Pick<ClusterNodeOptions, 'url' | 'backbone' | 'limits' | 'onEscalate' | 'onRefused'> {
  /** It has nobody to give its actors to. */
  alone?: boolean;
}

/** This process owns its share of the actors, and, unless it is alone, none while its store does not answer. */
export const ownActors =
  (options: OwnActorsOptions) =>
  (parts: Lifecycle, { kinds, mailboxes }: ActorsPlace): Actors => {
    const { name, store, clock, logger } = options;
    const fitness = options.alone ? undefined : parts.use(new ProbedFitness({ probe: () => store.ping(), clock, logger }));
    const cluster = parts.use(new ClusterNode({ ...options, nodeId: name, kinds, load: mailboxes, witness: store.epochs, fitness }));
    return { system: cluster.system, cluster };
  };

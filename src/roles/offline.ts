import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import { createNudge } from '../workers/nudge.js';
import { compose } from './compose.js';
import { type Foundation, queuesOf } from './foundation.js';
import { othersActors } from './others-actors.js';
import { ownActors } from './own-actors.js';

/**
 * The actors for a tool such as the import: those of the living cluster when there is one, else a node of its own, without
 * doors, that lives as long as the tool does.
 */
export const composeOffline = async (foundation: Foundation): Promise<{ actors: ActorSystem; alone: boolean; lifecycle: Lifecycle }> => {
  const alone = (await foundation.backbone.slots.read()).members.length === 0;
  const common = { ...foundation, foundation };
  const { parts, actors } = alone
    ? compose({
        ...common,
        nudge: (list) => list.use(createNudge(queuesOf(foundation))),
        actors: ownActors({ ...foundation, url: '', alone }),
      })
    : compose({ ...common, actors: othersActors(foundation) });
  return { actors, alone, lifecycle: parts };
};

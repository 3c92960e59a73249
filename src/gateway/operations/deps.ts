import type { ActorSystem } from '../../actors/runtime/actor.js';
import type { Clock } from '../../kernel/clock.js';
import type { Store } from '../../store/contracts.js';

/** What operations stand on: commands go to actors, lists are read from the store. */
export interface OperationDeps {
  store: Store;
  actors: ActorSystem;
  clock: Clock;
}

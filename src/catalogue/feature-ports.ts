import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Clock } from '../kernel/clock.js';
import type { Store } from '../store/contracts.js';
import type { Operation } from './operation.js';

/** What a feature is given to work with. */
export interface FeaturePorts {
  store: Store;
  actors: ActorSystem;
  clock: Clock;
  /** Where people reach the installation, without a slash at its end; null: nobody has said. */
  publicUrl: string | null;
  /** Everything that can be asked for. */
  operations(): readonly Operation[];
}

import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Clock } from '../kernel/clock.js';
import type { Store } from '../store/contracts.js';
import type { Auth } from './auth.js';
import type { Operation } from './operation.js';
import type { Places } from './ports.js';

/** Commands go to actors, lists are read from the store. */
export interface Ground {
  store: Store;
  actors: ActorSystem;
  clock: Clock;
}

/** What a feature is given to work with. */
export interface FeaturePorts extends Ground {
  /** Where people reach the installation, without a slash at its end; null: nobody has said. */
  publicUrl: string | null;
  /** Who people are. Throws where nobody comes in. */
  readonly auth: Auth;
  readonly places: Places;
  /** To which community a thread belongs, remembered. Fault `not_found`, as long as it was never seen there. */
  communityOf(threadId: string): Promise<string>;
  /** Everything that can be asked for. */
  operations(): readonly Operation[];
  /** The one of its kind in this process: made when it is first asked for, for what outlives a call (caches, turns). */
  one<T>(kind: new (ports: FeaturePorts) => T): T;
}

/** What a composition gives for its features. */
export interface GivenPorts extends Ground, Pick<FeaturePorts, 'publicUrl' | 'communityOf' | 'places'> {
  auth?: Auth | undefined;
}

export const featurePorts = ({ auth, ...given }: GivenPorts, operations: () => readonly Operation[]): FeaturePorts => {
  const made = new Map<new (ports: FeaturePorts) => unknown, unknown>();
  const ports: FeaturePorts = {
    ...given,
    operations,
    get auth() {
      if (!auth) throw new Error('nobody comes in here: there is nothing that knows people');
      return auth;
    },
    one: <T>(kind: new (ports: FeaturePorts) => T): T => {
      if (!made.has(kind)) made.set(kind, new kind(ports));
      return made.get(kind) as T;
    },
  };
  return ports;
};

import type { ActorSystem } from '../../src/actors/runtime/actor.js';
import { loadConfig } from '../../src/kernel/config.js';
import { type Foundation, layFoundation } from '../../src/roles/foundation.js';
import { composeOffline } from '../../src/roles/offline.js';
import { findServices, type WantedServices } from '../services/find-services.js';

export interface Destination {
  foundation: Foundation;
  actors: ActorSystem;
  /** In words, for people. */
  what: string;
  close(): Promise<void>;
}

/** The store and the actors to bring messages to: the living cluster's, or those of a node of our own. */
export const openDestination = async (options: WantedServices): Promise<Destination> => {
  const services = await findServices(options);
  try {
    const config = loadConfig({
      overrides: { redis: { url: services.redis }, mongodb: { url: services.mongo }, log: { level: 'error' }, node: { id: 'import' } },
    });
    const foundation = await layFoundation(config);
    const { actors, alone, lifecycle } = await composeOffline(foundation);
    await lifecycle.start();
    return {
      foundation,
      actors,
      what: alone ? 'no node is running; the import runs the actors itself' : 'the running cluster takes the messages',
      close: async () => {
        await lifecycle.stop();
        await services.stop();
      },
    };
  } catch (error) {
    await services.stop();
    throw error;
  }
};

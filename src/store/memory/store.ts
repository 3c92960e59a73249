import type { Clock } from '../../kernel/clock.js';
import { newId } from '../../kernel/ids.js';
import type { Collection, CollectionDefinition } from '../collection.js';
import { collectionsByName, demandStated } from '../collections/sound.js';
import type { EpochRepository, Store } from '../contracts.js';
import { MemoryCollection } from './collection.js';
import { MemoryCommunities } from './communities.js';
import { MemoryLedgers } from './ledgers.js';
import { MemoryMembers } from './members.js';
import { MemoryMemberships } from './memberships.js';
import { MemoryMessages } from './messages.js';
import { MemoryNotifications } from './notifications.js';
import { MemoryReads } from './reads.js';
import { MemorySearch } from './search.js';
import { MemorySessions } from './sessions.js';
import { MemoryThreads } from './threads.js';

class MemoryEpochs implements EpochRepository {
  #epoch = 0;

  async raise(epoch: number): Promise<number> {
    this.#epoch = Math.max(this.#epoch, epoch);
    return this.#epoch;
  }
}

export interface MemoryStoreOptions {
  clock: Clock;
  /** Those that features state. */
  collections?: readonly CollectionDefinition[];
}

/** The store's twin in this process's memory, for tests and simulation: the same rules, nothing kept. */
export const createMemoryStore = ({ clock, collections = [] }: MemoryStoreOptions): Store => {
  const stated = collectionsByName(collections);
  const kept = new Map(collections.map((definition) => [definition.name, new MemoryCollection(definition)]));
  return {
    members: new MemoryMembers(),
    communities: new MemoryCommunities(clock),
    memberships: new MemoryMemberships(clock),
    threads: new MemoryThreads(clock),
    messages: new MemoryMessages(clock),
    reads: new MemoryReads(clock),
    notifications: new MemoryNotifications(clock),
    search: new MemorySearch(clock),
    sessions: new MemorySessions(clock),
    epochs: new MemoryEpochs(),
    ledgers: new MemoryLedgers(),
    history: newId(clock.now()),
    collection: <D extends CollectionDefinition>(definition: D) => {
      demandStated(stated, definition);
      return kept.get(definition.name) as unknown as Collection<D>;
    },
    ping: async () => undefined,
  };
};

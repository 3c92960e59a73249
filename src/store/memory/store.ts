import type { Clock } from '../../kernel/clock.js';
import type { EpochRepository, Store } from '../contracts.js';
import { MemoryCommunities } from './communities.js';
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

/** The store's twin in this process's memory, for tests and simulation: the same rules, nothing kept. */
export const createMemoryStore = ({ clock }: { clock: Clock }): Store => ({
  members: new MemoryMembers(),
  communities: new MemoryCommunities(),
  memberships: new MemoryMemberships(),
  threads: new MemoryThreads(),
  messages: new MemoryMessages(clock),
  reads: new MemoryReads(),
  notifications: new MemoryNotifications(),
  search: new MemorySearch(clock),
  sessions: new MemorySessions(clock),
  epochs: new MemoryEpochs(),
  ping: async () => undefined,
});

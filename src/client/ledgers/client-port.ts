import type { LivePort } from '../port.js';
import { MemoryLedgerStore } from './ledger-store.js';
import type { LedgersPort } from './ledgers-port.js';
import { aloneTab } from './tab-leader.js';

/** What ledgers need, of a client's live port; without a store they end with the process, without tabs each client is for itself. */
export const ledgersPort = (live: LivePort, { store, tabs }: Partial<Pick<LedgersPort, 'store' | 'tabs'>>): LedgersPort => {
  return {
    clock: live.clock,
    random: live.random,
    get memberId() {
      return live.memberId;
    },
    get isOnline() {
      return live.isOnline;
    },
    on: (event, listener) => live.on(event, listener),
    onOnline: (listener) => live.onOnline(listener),
    // By socket: only a connection can hear of changes afterwards.
    syncLedger: (input) => live.emit('sync_ledger', input),
    syncLedgers: (input) => live.emit('sync_ledgers', input),
    store: store ?? (() => new MemoryLedgerStore()),
    tabs: tabs ?? aloneTab,
  };
};

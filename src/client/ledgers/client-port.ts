import type { Asked, PayloadOf } from '../operations.js';
import type { LivePort } from '../port.js';
import { MemoryLedgerStore } from './ledger-store.js';
import type { LedgerAnswer, LedgersAnswer, LedgersPort } from './ledgers-port.js';
import { aloneTab } from './tab-leader.js';

/** Asks by socket: only a connection can hear of changes afterwards. */
const asker = (live: LivePort) => (operation: string, input: object) =>
  live.emit(operation as Asked, input as unknown as PayloadOf<Asked>) as Promise<unknown>;

/** What ledgers need, of a client's live port; without a store they end with the process, without tabs each client is for itself. */
export const ledgersPort = (live: LivePort, { store, tabs }: Partial<Pick<LedgersPort, 'store' | 'tabs'>>): LedgersPort => {
  const ask = asker(live);
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
    syncLedger: (input) => ask('sync_ledger', input) as Promise<LedgerAnswer>,
    syncLedgers: (input) => ask('sync_ledgers', input) as Promise<LedgersAnswer>,
    store: store ?? (() => new MemoryLedgerStore()),
    tabs: tabs ?? aloneTab,
  };
};

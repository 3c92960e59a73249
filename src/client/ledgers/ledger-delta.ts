import type { ItemName, LiveItem } from './items.js';

/** Which state of a ledger. */
export interface LedgerMark {
  readonly rev: number;
  readonly history: string;
}

/** What brings whoever holds one state of a ledger to a later one: what is written to a store, and told to other tabs. */
export interface LedgerDelta extends LedgerMark {
  readonly ledger: string;
  /** The state that it goes on from; null: it is all there is. */
  readonly after: LedgerMark | null;
  readonly put: readonly LiveItem[];
  readonly removed: readonly ItemName[];
}

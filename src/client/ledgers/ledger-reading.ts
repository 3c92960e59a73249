import type { ItemName, LiveItem } from './items.js';

/** `current`: nothing is known to be missing. `gone`: not there for this member. `unknown`: nobody follows it here. */
export type LedgerStatus = 'unknown' | 'offline' | 'catching_up' | 'current' | 'gone';

/** What is known of one ledger at one moment; it does not change afterwards. */
export interface LedgerReading {
  readonly status: LedgerStatus;
  /** Every change up to here is in it; -1: nothing is known for certain. What is shown meanwhile is from before. */
  readonly rev: number;
  /** The items of a kind, by key. `V` is what that kind's feature says its values are. */
  items<V = unknown>(kind: string): ReadonlyMap<string, LiveItem & { readonly value: V }>;
}

export interface LedgerChange {
  readonly ledger: string;
  /** Those that are other than before, or gone. Empty: the status or the rev is another. */
  readonly items: readonly ItemName[];
}

/** Ledgers, for views that follow some; see `Ledgers`. */
export interface FollowedLedgers {
  follow(name: string): () => void;
  state(name: string): LedgerReading;
  onChange(listener: (change: LedgerChange) => void): () => void;
}

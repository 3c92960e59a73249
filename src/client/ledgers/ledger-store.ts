import { type LiveItem, nameOf } from './items.js';
import type { LedgerDelta } from './ledger-delta.js';

/** A ledger as it was kept: all its items at one rev of one history. */
export interface StoredLedger {
  readonly rev: number;
  readonly history: string;
  readonly items: readonly LiveItem[];
}

/**
 * Where one member's ledgers are kept between two starts of the client. Calls take effect in the order in which they are made. A crash
 * leaves each ledger whole, as some earlier call left it: never parts of two states.
 */
export interface LedgerStore {
  /** Null: nothing that can be used. */
  load(ledger: string): Promise<StoredLedger | null>;
  /**
   * Brings what is kept to a later state. False, and nothing is written, when that is not what the delta goes on from: then all of it
   * is to be saved. Beyond its bounds the store drops whole ledgers, those first that were used longest ago, never this one. Rejects
   * when there is no room even so; what is kept of this ledger stays as it was, or goes.
   */
  save(delta: LedgerDelta): Promise<boolean>;
  drop(ledger: string): Promise<void>;
  /** Every ledger of this member. */
  dropAll(): Promise<void>;
}

export interface StoreBounds {
  readonly ledgers: number;
  /** In all ledgers together. */
  readonly items: number;
}

export const storeBounds: StoreBounds = { ledgers: 500, items: 100_000 };

/** What a store knows of a ledger without its items. */
export interface StoredHead {
  readonly ledger: string;
  readonly rev: number;
  readonly history: string;
  readonly count: number;
  /** When it was last loaded or saved: a number that only grows. */
  readonly used: number;
}

/** Whether a delta fits what is kept. */
export const follows = ({ after }: LedgerDelta, head: Pick<StoredHead, 'rev' | 'history'> | undefined): boolean =>
  after === null || (head?.rev === after.rev && head.history === after.history);

/** Which ledgers have to go for the bounds to hold, the one used longest ago first; one of them stays in any case. */
export const beyondBounds = (heads: readonly StoredHead[], staying: string, bounds: StoreBounds): string[] => {
  let ledgers = heads.length;
  let items = heads.reduce((sum, { count }) => sum + count, 0);
  const going: string[] = [];
  for (const { ledger, count } of [...heads].sort((a, b) => a.used - b.used)) {
    if (ledgers <= bounds.ledgers && items <= bounds.items) break;
    if (ledger === staying) continue;
    going.push(ledger);
    ledgers--;
    items -= count;
  }
  return going;
};

/** Ledgers that end with the process. */
export class MemoryLedgerStore implements LedgerStore {
  readonly #bounds: StoreBounds;
  readonly #kept = new Map<string, { rev: number; history: string; used: number; items: Map<string, LiveItem> }>();
  #used = 0;

  constructor(bounds: StoreBounds = storeBounds) {
    this.#bounds = bounds;
  }

  async load(ledger: string): Promise<StoredLedger | null> {
    const kept = this.#kept.get(ledger);
    if (!kept) return null;
    kept.used = ++this.#used;
    return { rev: kept.rev, history: kept.history, items: [...kept.items.values()] };
  }

  async save(delta: LedgerDelta): Promise<boolean> {
    const kept = this.#kept.get(delta.ledger);
    if (!follows(delta, kept)) return false;
    const items = new Map(delta.after ? kept?.items : []);
    for (const item of delta.put) items.set(nameOf(item), item);
    for (const name of delta.removed) items.delete(nameOf(name));
    this.#kept.set(delta.ledger, { rev: delta.rev, history: delta.history, used: ++this.#used, items });
    const heads = [...this.#kept].map(([ledger, { rev, history, used, items }]) => ({ ledger, rev, history, used, count: items.size }));
    for (const ledger of beyondBounds(heads, delta.ledger, this.#bounds)) this.#kept.delete(ledger);
    return true;
  }

  async drop(ledger: string): Promise<void> {
    this.#kept.delete(ledger);
  }

  async dropAll(): Promise<void> {
    this.#kept.clear();
  }
}

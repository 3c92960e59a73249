import type { MemberRecord } from './leases.js';

/** Who owns a slot, and under which epoch. The epoch is one counter for the whole cluster, so a slot's only grows. */
export interface Claim {
  readonly instance: string;
  readonly epoch: number;
}

export interface TableSnapshot {
  readonly version: number;
  /** Only those with a lease. */
  readonly members: readonly MemberRecord[];
  /** By slot. A claim may name an instance that lives no more. */
  readonly claims: ReadonlyMap<number, Claim>;
}

/** Port: the claims, and the one place where everybody reads who is who. Every call may reject when the store cannot be reached. */
export interface SlotTable {
  read(): Promise<TableSnapshot>;
  /**
   * Gives the instance those of the slots that are free, its own already, or whose owner has no lease, all under one new epoch;
   * the others are left alone. Gives nothing to an instance without a lease.
   */
  claim(instance: string, slots: readonly number[]): Promise<{ epoch: number; slots: number[] }>;
  /** Frees those that are still the instance's under exactly that epoch; answers which. */
  release(instance: string, slots: ReadonlyMap<number, number>): Promise<number[]>;
  /** Lifts the epoch counter to at least this; answers what it was. */
  raiseEpoch(atLeast: number): Promise<number>;
}

/** Port: somebody changed members or claims. A hint that may be lost: whoever waits for it also looks by itself now and then. */
export interface Notices {
  /** Also called after a reconnection, since notices may have been missed. Resolves once it listens; answers how to end it. */
  listen(onChange: () => void): Promise<() => Promise<void>>;
}

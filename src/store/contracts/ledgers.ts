/** What a commit did to one item: gave it a value, any JSON, or took it away. */
export type LedgerChange = { kind: string; key: string; value: unknown } | { kind: string; key: string; deleted: true };

/** One numbered entry of a ledger. It is never changed once it is stored. */
export interface LedgerCommit {
  id: string;
  /** The stored name, such as `me:<member id>`. */
  ledger: string;
  /** 1, 2, 3 … without a hole. */
  rev: number;
  /** Under which its writer owned the subject. */
  epoch: number;
  at: number;
  /** Who did it; null: Parley itself. */
  by: string | null;
  operation: string;
  /** A name for one attempt: of the same name there is one commit in a ledger. */
  op_id: string | null;
  /** At most 200, each of another item. */
  changes: readonly LedgerChange[];
}

/**
 * What follows from the commits: an item in its present state, with the rev of its last change. One without `value` was
 * deleted.
 */
export interface LedgerItemRecord {
  ledger: string;
  kind: string;
  key: string;
  rev: number;
  value?: unknown;
}

/** By which an item is found. */
export type LedgerItemName = Pick<LedgerItemRecord, 'ledger' | 'kind' | 'key'>;

/** How far a ledger reaches. */
export interface LedgerEdges {
  /** 0: it has no commits. */
  head: number;
  /** Commits up to this one were dropped, and tombstones with them. */
  floor: number;
  /** Up to this one the items are stored. */
  projected: number;
}

/**
 * Commits of all ledgers, and the items that follow from them. What must hold: `(ledger, rev)` and, where there is one,
 * `(ledger, op_id)` are unique, so one commit decides and the others find their place taken.
 */
export interface LedgerRepository {
  /**
   * One outcome a commit, in order. `stored`: it is there, durably, be it by this call or an earlier one. `taken`:
   * another has its rev or its op_id, and nothing was written. `unknown`: the same call again is how it is found out.
   * Never rejects.
   */
  append(commits: readonly LedgerCommit[]): Promise<('stored' | 'taken' | 'unknown')[]>;
  edges(ledger: string): Promise<LedgerEdges>;
  /** By rev, from the one after `rev`. */
  commitsAfter(ledger: string, rev: number, limit: number): Promise<LedgerCommit[]>;
  byOperation(ledger: string, opId: string): Promise<LedgerCommit | null>;
  /**
   * Stores items as they are after `rev`, never an older one over a newer, and then that the ledger is projected so
   * far.
   */
  project(ledger: string, rev: number, items: readonly LedgerItemRecord[]): Promise<void>;
  /** Deleted ones too, by rev, from the first after `rev`. */
  changedAfter(ledger: string, rev: number, limit: number): Promise<LedgerItemRecord[]>;
  /**
   * Those that are there, by kind and key, from the first after `after`. With `before` none of that kind or a later
   * one.
   */
  living(ledger: string, after: { kind: string; key: string } | null, limit: number, before?: string): Promise<LedgerItemRecord[]>;
  /**
   * Of a kind those that are there and whose rev is lower than `below` (null: all of them), by rev, the newest first.
   */
  newest(ledger: string, kind: string, below: number | null, limit: number): Promise<LedgerItemRecord[]>;
  /** Those of a kind that are there, by key, from the first after `after`. */
  ofKind(ledger: string, kind: string, after: string | null, limit: number): Promise<LedgerItemRecord[]>;
  /** Null when it never was; without a value when it was deleted and that is still known. */
  item(ledger: string, kind: string, key: string): Promise<LedgerItemRecord | null>;
  /** Of items of many ledgers those that are there, in no order; at most 1,000 are asked for at once. */
  named(names: readonly LedgerItemName[]): Promise<LedgerItemRecord[]>;
  /** When the commit was made; null when it is not there. */
  madeAt(ledger: string, rev: number): Promise<number | null>;
  /**
   * Drops commits up to `rev`, at most 1,000 at once, oldest first, and tombstones that only they knew. Answers the
   * floor.
   */
  drop(ledger: string, rev: number): Promise<number>;
}

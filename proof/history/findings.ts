import type { Violation } from './history.js';

/** Figures that are no breach, but that a reader of a verdict wants to see. */
export interface Counted {
  entries: number;
  calls: number;
  acknowledgedSends: number;
  /** Sends that were refused or stayed unknown, and yet are stored (once). */
  unacknowledgedStored: number;
  unacknowledgedNotStored: number;
  /** Writes under an epoch below one that had written to the thread before: at a free seq, as they must be. */
  oldEpochCommits: number;
  /** Read receipts that came after a higher one: they carry no rev, and their order is not promised. */
  receiptsOutOfOrder: number;
  shown: number;
  caughtUpViews: number;
  removals: number;
  /** Of a thread, on a connection, with nothing under way that may give it back: what comes behind is judged. */
  removalsHeard: number;
  /** Heads of ledgers that somebody knew, with what they knew of it. */
  ledgersKnown: number;
  /** Violations beyond those that a verdict lists of one invariant. */
  violationsNotListed: number;
}

const nothing: Counted = {
  entries: 0,
  calls: 0,
  acknowledgedSends: 0,
  unacknowledgedStored: 0,
  unacknowledgedNotStored: 0,
  oldEpochCommits: 0,
  ledgersKnown: 0,
  receiptsOutOfOrder: 0,
  shown: 0,
  caughtUpViews: 0,
  removals: 0,
  removalsHeard: 0,
  violationsNotListed: 0,
};

/** What the invariants found. Of each, the first `most` are kept: a thousand doubled messages say no more than a few. */
export class Findings {
  readonly violations: Violation[] = [];
  readonly counted: Counted = { ...nothing };
  readonly #most: number;
  readonly #perInvariant = new Map<number, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** `entries` may hold undefined for what was not recorded; they are put in order. */
  violate(invariant: number, what: string, entries: readonly (number | undefined)[] = []): void {
    const before = this.#perInvariant.get(invariant) ?? 0;
    this.#perInvariant.set(invariant, before + 1);
    if (before >= this.#most) {
      this.counted.violationsNotListed++;
      return;
    }
    const known = entries.filter((entry) => entry !== undefined);
    this.violations.push({ invariant, what, entries: [...new Set(known)].sort((a, b) => a - b) });
  }

  count(what: keyof Counted, by = 1): void {
    this.counted[what] += by;
  }
}

/**
 * Until when what somebody spent is paid off (see `Allowance`), where no connection keeps it: what a member's
 * connection owed when it ended, so that the next one does not begin anew; what an address has begun. Bounded: beyond
 * `most` the one that was noted first is forgotten.
 */
export class Debts {
  readonly #most: number;
  readonly #paidOffAt = new Map<string, number>();

  constructor(most = 10_000) {
    this.#most = most;
  }

  get size(): number {
    return this.#paidOffAt.size;
  }

  note(key: string, paidOffAt: number, now: number): void {
    if (paidOffAt <= now) return;
    const later = Math.max(paidOffAt, this.#paidOffAt.get(key) ?? 0);
    this.#paidOffAt.delete(key);
    this.#paidOffAt.set(key, later);
    for (const [noted, at] of this.#paidOffAt) {
      if (at > now && this.#paidOffAt.size <= this.#most) break;
      this.#paidOffAt.delete(noted);
    }
  }

  /** 0 when nothing is owed. */
  of(key: string): number {
    return this.#paidOffAt.get(key) ?? 0;
  }
}

/**
 * What members' connections owed when they ended, so that the next one of the same member does not begin anew. Bounded: beyond
 * `most` the one that was noted first is forgotten.
 */
export class Debts {
  readonly #most: number;
  /** By member: until when it is paid off, on the monotonic clock. */
  readonly #paidOffAt = new Map<string, number>();

  constructor(most = 10_000) {
    this.#most = most;
  }

  get size(): number {
    return this.#paidOffAt.size;
  }

  note(memberId: string, paidOffAt: number, now: number): void {
    if (paidOffAt <= now) return;
    const later = Math.max(paidOffAt, this.#paidOffAt.get(memberId) ?? 0);
    this.#paidOffAt.delete(memberId);
    this.#paidOffAt.set(memberId, later);
    for (const [noted, at] of this.#paidOffAt) {
      if (at > now && this.#paidOffAt.size <= this.#most) break;
      this.#paidOffAt.delete(noted);
    }
  }

  /** 0 when nothing is owed. */
  of(memberId: string): number {
    return this.#paidOffAt.get(memberId) ?? 0;
  }
}

/**
 * Which threads are due to be announced. A quiet thread is due at once, a busy one at most once per `intervalMs`: however
 * many changes it sees meanwhile, one announcement stands for them all. Bounded: what does not fit is refused.
 */
export class HoldOff {
  readonly #pending = new Set<string>();
  /** When each was last announced, oldest first. */
  readonly #announced = new Map<string, number>();

  constructor(
    private readonly intervalMs: number,
    private readonly limit: number,
  ) {}

  get size(): number {
    return this.#pending.size;
  }

  /** False when there is no room. */
  add(threadId: string): boolean {
    if (this.#pending.size >= this.limit && !this.#pending.has(threadId)) return false;
    this.#pending.add(threadId);
    return true;
  }

  /** Ms until this one may be announced. `now`: monotonic ms. */
  dueIn(threadId: string, now: number): number {
    const at = this.#announced.get(threadId);
    return at === undefined ? 0 : Math.max(0, at + this.intervalMs - now);
  }

  /** Ms until the first of those that wait is due; infinite when none waits. */
  firstDueIn(now: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (const id of this.#pending) {
      first = Math.min(first, this.dueIn(id, now));
      if (first === 0) break;
    }
    return first;
  }

  /** Takes out those that are due, at most `max`; `all` does not wait for the interval. `now`: monotonic ms. */
  take(now: number, max: number, all = false): string[] {
    for (const [id, at] of this.#announced) {
      if (now - at < this.intervalMs) break;
      this.#announced.delete(id);
    }
    const due: string[] = [];
    for (const id of this.#pending) {
      if (due.length >= max) break;
      if (all || !this.#announced.has(id)) due.push(id);
    }
    for (const id of due) {
      this.#pending.delete(id);
      this.#announced.delete(id);
      this.#announced.set(id, now);
    }
    return due;
  }
}

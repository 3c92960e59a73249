/** What one receiver found wrong in the order of one thread. */
export interface SequenceFaults {
  holes: number;
  duplicates: number;
  reordered: number;
}

export const noFaults = (): SequenceFaults => ({ holes: 0, duplicates: 0, reordered: 0 });

/** Beyond so many missing numbers a late one counts as a duplicate: the run is lost anyway. */
const mostMissing = 10_000;

/** Follows the numbers of one thread at one receiver; every number must come once, each after the one before it. */
export class Sequence {
  readonly #faults: SequenceFaults;
  #last: number;
  #missing: Set<number> | undefined;

  /** `head`: the number that the receiver knew when it began to listen. Faults are added to `faults`. */
  constructor(head: number, faults: SequenceFaults) {
    this.#last = head;
    this.#faults = faults;
  }

  get last(): number {
    return this.#last;
  }

  /** Whether it is seen for the first time. */
  see(number: number): boolean {
    if (number === this.#last + 1) {
      this.#last = number;
      return true;
    }
    if (number > this.#last) {
      this.#missing ??= new Set();
      for (let i = this.#last + 1; i < number && this.#missing.size < mostMissing; i++) this.#missing.add(i);
      this.#faults.holes += number - this.#last - 1;
      this.#last = number;
      return true;
    }
    if (this.#missing?.delete(number)) {
      this.#faults.holes -= 1;
      this.#faults.reordered += 1;
      return true;
    }
    this.#faults.duplicates += 1;
    return false;
  }
}

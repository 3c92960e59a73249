/** How a batcher calls, and within which bounds. */
export interface BatcherOptions<T, O> {
  /** Writes or reads a batch and answers one outcome an item, in order. */
  run(batch: readonly T[]): Promise<readonly O[]>;
  /** The outcome of every item of a batch whose run threw, and of an item that found the queue full. */
  lost: O;
  /** About how many bytes an item takes. */
  bytes(item: T): number;
  /** Items of one key run one after the other, in the order they came; without it all may go together. */
  key?: (item: T) => string;
  /**
   * Ms from the beginning of one batch, of so many items, to the next: the more wait, the more go together, and one that comes alone
   * goes at once.
   */
  gapMs?: (items: number) => number;
  /**
   * Ms that the next batch waits for the one under way: one that takes longer no longer holds it up. Without it up to `most.inFlight`
   * begin as they come.
   */
  overlapMs?: number;
  most: { items: number; bytes: number; inFlight: number; queued: number };
}

interface Waiting<T, O> {
  item: T;
  settle(outcome: O): void;
}

/**
 * What arrives while a batch is under way forms the next one, so that a busy store gets few large commands and an idle one
 * answers at once. Everyone who waits gets the outcome of their own items. Never rejects. Nothing is kept on a crash: who
 * has no outcome does not know.
 */
export class Batcher<T, O> {
  readonly #options: BatcherOptions<T, O>;
  readonly #busyKeys = new Set<string>();
  #queue: Waiting<T, O>[] = [];
  #inFlight = 0;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Batches begun so far. */
  #begun = 0;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions<T, O>) {
    this.#options = options;
  }

  /** Answers one outcome an item, in order. */
  add(items: readonly T[]): Promise<O[]> {
    if (items.length === 0) return Promise.resolve([]);
    const { lost, most } = this.#options;
    if (this.#queue.length + items.length > most.queued) return Promise.resolve(items.map(() => lost));
    return new Promise((resolve) => {
      const outcomes = new Array<O>(items.length);
      let open = items.length;
      items.forEach((item, at) => {
        const settle = (outcome: O): void => {
          outcomes[at] = outcome;
          open -= 1;
          if (open === 0) resolve(outcomes);
        };
        this.#queue.push({ item, settle });
      });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    if (this.#inFlight === 0 && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** After what is ready now has run, so that all that one poll of the sockets brought goes together. */
  #schedule(): void {
    if (this.#isDue || this.#timer || this.#inFlight >= this.#options.most.inFlight) return;
    const early = this.#nextAt - performance.now();
    if (early > 0) {
      this.#timer = setTimeout(() => this.#begin(), early);
      return;
    }
    this.#isDue = true;
    setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#isDue = false;
    this.#timer = undefined;
    const { gapMs, overlapMs, most } = this.#options;
    let begun = 0;
    while (this.#inFlight < most.inFlight && (overlapMs === undefined || begun === 0)) {
      const batch = this.#take();
      if (batch.length === 0) break;
      begun += batch.length;
      void this.#run(batch);
    }
    if (begun === 0) return;
    if (gapMs) this.#nextAt = performance.now() + gapMs(begun);
    if (overlapMs !== undefined) {
      this.#nextAt = performance.now() + overlapMs;
      if (this.#queue.length > 0) this.#schedule();
    }
  }

  /** The longest run from the front that fits; items whose key is being written stay, and so does what follows them under it. */
  #take(): Waiting<T, O>[] {
    const { most, bytes, key } = this.#options;
    const batch: Waiting<T, O>[] = [];
    const stay: Waiting<T, O>[] = [];
    const passed = new Set<string>();
    let size = 0;
    let at = 0;
    for (; at < this.#queue.length && batch.length < most.items; at++) {
      const waiting = this.#queue[at]!;
      const name = key?.(waiting.item);
      if (name !== undefined && (this.#busyKeys.has(name) || passed.has(name))) {
        passed.add(name);
        stay.push(waiting);
        continue;
      }
      const more = bytes(waiting.item);
      if (batch.length > 0 && size + more > most.bytes) break;
      if (name !== undefined) this.#busyKeys.add(name);
      size += more;
      batch.push(waiting);
    }
    this.#queue = stay.length > 0 ? [...stay, ...this.#queue.slice(at)] : this.#queue.slice(at);
    return batch;
  }

  async #run(batch: readonly Waiting<T, O>[]): Promise<void> {
    const { run, lost, key, overlapMs } = this.#options;
    this.#inFlight += 1;
    this.#begun += 1;
    const number = this.#begun;
    let outcomes: readonly O[] = [];
    try {
      outcomes = await run(batch.map((waiting) => waiting.item));
    } catch {
      // Whoever runs them reports what went wrong; those who wait learn that the outcome is unknown.
    }
    this.#inFlight -= 1;
    if (key) for (const waiting of batch) this.#busyKeys.delete(key(waiting.item));
    batch.forEach((waiting, at) => {
      waiting.settle(at < outcomes.length ? outcomes[at]! : lost);
    });
    // Those before the last one to begin are not waited for any more.
    if (overlapMs !== undefined && number === this.#begun) this.#endWait();
    if (this.#queue.length > 0) this.#schedule();
    else if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
  #endWait(): void {
    this.#nextAt = Number.NEGATIVE_INFINITY;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

import type { Clock } from '../../kernel/clock.js';

/** Something with turns to take. */
export interface Runnable {
  /** Takes at most `limit` turns that end at once; answers how many it took. `now` is monotonic ms, at most a slice old. */
  run(limit: number, now: number): number;
}

export interface SliceLimits {
  /** Turns in one turn of the event loop. */
  turns: number;
  /** Ms in one turn of the event loop. */
  ms: number;
  /** Turns of one activation before the next one's. */
  perActivation: number;
}

export const defaultSlice: SliceLimits = { turns: 20_000, ms: 5, perActivation: 64 };

/** Places that were left are cut off in one go once there are this many. */
const COMPACT = 1_024;

/**
 * Who has turns to take, in order of arrival. Turns run in microtasks, so a message costs no trip through the event loop;
 * but one turn of the event loop gets a bounded slice of them, however many messages actors send each other meanwhile.
 */
export class RunQueue {
  readonly #clock: Clock;
  readonly #limits: SliceLimits;
  #queue: (Runnable | undefined)[] = [];
  #head = 0;
  #scheduled = false;
  /** A slice has begun: an immediate is under way that ends it. */
  #slice = false;
  #sliceStart = 0;
  #turns = 0;
  readonly #drainBound = (): void => this.#drain();

  constructor(clock: Clock, limits: SliceLimits = defaultSlice) {
    this.#clock = clock;
    this.#limits = limits;
  }

  push(runnable: Runnable): void {
    this.#queue.push(runnable);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#drainBound);
  }

  #drain(): void {
    let now = this.#clock.monotonic();
    if (!this.#slice) this.#begin(now);
    let nextLook = this.#turns + 64;
    while (this.#head < this.#queue.length) {
      if (this.#turns >= nextLook) {
        now = this.#clock.monotonic();
        nextLook = this.#turns + 64;
      }
      // Spent: the slice's end drains on.
      if (this.#turns >= this.#limits.turns || now - this.#sliceStart >= this.#limits.ms) return;
      const runnable = this.#queue[this.#head]!;
      this.#queue[this.#head++] = undefined;
      if (this.#head >= COMPACT) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      this.#turns += 1 + runnable.run(this.#limits.perActivation, now);
    }
    this.#queue.length = 0;
    this.#head = 0;
    this.#scheduled = false;
  }

  #begin(now: number): void {
    this.#slice = true;
    this.#sliceStart = now;
    this.#turns = 0;
    setImmediate(() => {
      this.#slice = false;
      if (this.#scheduled) this.#drain();
    });
  }
}

import type { Clock, Timer } from '../../kernel/clock.js';

/** What is needed of a connection: what waits to be written, and an end without waiting for it. */
export interface Reader {
  readonly waiting: number;
  drop(): void;
}

const lookEveryMs = 1_000;

/**
 * Ends connections that do not take what is sent to them, before what waits for them fills the memory. They connect again and
 * catch up by rev.
 */
export class SlowReaders {
  readonly #readers: () => Iterable<Reader>;
  readonly #dropped: () => void;
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  #timer: Timer | undefined;

  constructor(parts: { readers: () => Iterable<Reader>; dropped: () => void; clock: Clock /** Packets. */; maxWaiting?: number }) {
    this.#readers = parts.readers;
    this.#dropped = parts.dropped;
    this.#clock = parts.clock;
    this.#maxWaiting = parts.maxWaiting ?? 2_000;
  }

  start(): void {
    this.#timer ??= this.#clock.every(lookEveryMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    for (const reader of this.#readers()) {
      if (reader.waiting <= this.#maxWaiting) continue;
      this.#dropped();
      reader.drop();
    }
  }
}

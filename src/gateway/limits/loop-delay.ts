import type { Clock, Timer } from '../../kernel/clock.js';
import type { Part } from '../../kernel/lifecycle.js';

const tickMs = 20;

/**
 * Measures how late the event loop is, by a timer that ought to fire every 20 ms. Node's own histogram of that delay forgets its
 * last sample when it is reset, so it shows nothing of a loop that is held up for longer than from one reading to the next.
 */
export class LoopDelay implements Part {
  readonly name = 'loop delay';
  readonly #clock: Clock;
  #timer: Timer | undefined;
  /** Of the last tick or reading, monotonic ms. */
  #last = 0;
  #longest = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    this.#last = this.#clock.monotonic();
    this.#longest = 0;
    this.#timer ??= this.#clock.every(tickMs, () => this.#tick());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The longest delay since this was last asked for, in ms; each delay is told of once. */
  read(): number {
    this.#tick();
    const longest = this.#longest;
    this.#longest = 0;
    return longest;
  }

  #tick(): void {
    if (!this.#timer) return;
    const now = this.#clock.monotonic();
    this.#longest = Math.max(this.#longest, now - this.#last - tickMs);
    this.#last = now;
  }
}

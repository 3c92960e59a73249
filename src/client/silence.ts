import type { Clock, Timer } from './clock.js';

/** The server pings every 5 s. Longer without a sound than this, and it is gone. */
const silenceMs = 8_000;
/** Enough when an answer is overdue as well; still more than the time between two pings. */
const unansweredMs = 6_000;
/** A timer that fires so late was held back by the host: what arrived meanwhile is still to be read, and gets as long. */
const lateMs = 1_000;

/**
 * Watches over the silence of one socket. One timer, whatever is heard; and the clock is looked at again when it fires, since a
 * host that slept, was busy or holds back the timers of a hidden page fires it late.
 */
export class Silence {
  readonly #clock: Clock;
  readonly #broken: () => void;
  #heardAt: number;
  #timer: Timer | undefined;
  #isWatching = false;

  /** `broken` is called at most once, and not after `stop`. */
  constructor(clock: Clock, broken: () => void) {
    this.#clock = clock;
    this.#broken = broken;
    this.#heardAt = clock.now();
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  /** Something arrived on a wire that tells of every packet: from now on the pings are missed when they do not come. */
  alive(): void {
    this.heard();
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#arm(silenceMs);
  }

  /** An answer did not come in time. */
  unanswered(): void {
    if (this.#clock.now() - this.#heardAt >= unansweredMs) this.#break();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#isWatching = true;
  }

  #arm(ms: number): void {
    const due = this.#clock.now() + ms;
    this.#timer = this.#clock.after(ms, () => {
      const now = this.#clock.now();
      const left = silenceMs - (now - this.#heardAt);
      if (left > 0) this.#arm(Math.min(left, silenceMs));
      else if (now - due >= lateMs) this.#arm(lateMs);
      else this.#break();
    });
  }

  #break(): void {
    this.stop();
    this.#broken();
  }
}

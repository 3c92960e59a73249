import type { Random } from './random.js';
import type { SimTime } from './sim-time.js';

/** One direction of a connection: what goes in comes out later, in the same order. */
export class Line {
  readonly #time: SimTime;
  readonly #random: Random;
  readonly #low: number;
  readonly #high: number;
  #last = 0;
  /** Ms that everything takes longer. */
  slowMs = 0;

  /** Takes between `low` and `high` ms. */
  constructor(time: SimTime, random: Random, low: number, high: number) {
    this.#time = time;
    this.#random = random;
    this.#low = low;
    this.#high = high;
  }

  carry(arrive: () => void): void {
    const at = Math.max(this.#last, this.#time.now + this.#random.between(this.#low, this.#high) + this.slowMs);
    this.#last = at;
    this.#time.after(at - this.#time.now, arrive);
  }
}

import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { TurnBounds } from '../../kernel/members-in-turn.js';
import { chance } from './chance.js';

/** Between two turns, in ms: what is assumed however fast work has been, and however slow. */
const pace = { least: 2, most: 50 };
const longestRetryMs = 30_000;

/**
 * Lets a bounded crowd through in the order of its coming. Whoever finds no place to wait is refused at once with `overloaded`
 * and a `retry_after_ms` of its own: the refused get one turn each after those that wait, at the pace at which work has been
 * done lately, so that a crowd comes back spread over the time that it takes.
 */
export class Turnstile {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #bounds: TurnBounds;
  readonly #queue: (() => void)[] = [];
  #underWay = 0;
  /** Ms that one piece of work has taken lately. */
  #takes = 0;
  /** The last turn that was promised to somebody refused, on the monotonic clock. */
  #promised = 0;

  constructor(parts: { clock: Clock; bounds: TurnBounds; random?: () => number }) {
    this.#clock = parts.clock;
    this.#bounds = parts.bounds;
    this.#random = parts.random ?? chance;
  }

  /** Does the work in its turn and answers as it does. Fault `overloaded` when there is no place to wait. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#bounds.atOnce) {
      if (this.#queue.length >= this.#bounds.waiting) {
        throw new Fault('overloaded', 'Too many at once; come back in turn', { retry_after_ms: this.#promise() });
      }
      // Whoever ends hands its place over, so nobody slips in between.
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else this.#underWay++;
    const began = this.#clock.monotonic();
    try {
      return await work();
    } finally {
      this.#takes += (this.#clock.monotonic() - began - this.#takes) * 0.1;
      const next = this.#queue.shift();
      if (next) next();
      else this.#underWay--;
    }
  }

  #promise(): number {
    const now = this.#clock.monotonic();
    const step = Math.min(pace.most, Math.max(pace.least, this.#takes / this.#bounds.atOnce));
    this.#promised = Math.min(now + longestRetryMs, Math.max(this.#promised, now + this.#queue.length * step) + step);
    return Math.round((this.#promised - now) * (1 + this.#random() / 4));
  }
}

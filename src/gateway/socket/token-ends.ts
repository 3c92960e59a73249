import type { Clock, Timer } from '../../kernel/clock.js';
import { inSteps } from './steps.js';

const secondMs = 1_000;

/**
 * Ends connections when their access tokens end, a second later at most and never before. One timer for all of them: one
 * each, of a length of its own, is half a KB of an idle connection.
 */
export class TokenEnds<T> {
  readonly #clock: Clock;
  readonly #end: (item: T) => void;
  readonly #bySecond = new Map<number, Set<T>>();
  #timer: Timer | undefined;

  /** `end` must not throw. */
  constructor(clock: Clock, end: (item: T) => void) {
    this.#clock = clock;
    this.#end = end;
  }

  start(): void {
    this.#timer ??= this.#clock.every(secondMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** `at`: ms since 1970, also when that is past. */
  add(item: T, at: number): void {
    const second = Math.ceil(at / secondMs);
    const items = this.#bySecond.get(second);
    if (items) items.add(item);
    else this.#bySecond.set(second, new Set([item]));
  }

  remove(item: T, at: number): void {
    const second = Math.ceil(at / secondMs);
    const items = this.#bySecond.get(second);
    items?.delete(item);
    if (items?.size === 0) this.#bySecond.delete(second);
  }

  #look(): void {
    const now = this.#clock.now() / secondMs;
    for (const [second, items] of this.#bySecond) {
      if (second > now) continue;
      this.#bySecond.delete(second);
      void inSteps(items, this.#end);
    }
  }
}

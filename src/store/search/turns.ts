import type { Effort } from './occurrences.js';

/** So many steps are taken at once before others get their turn. */
export const stepsAtOnce = 15_000;

/** Lets others have their turn each time so many steps were taken. */
export class Turns {
  #next: number;

  constructor(private readonly effort: Effort) {
    this.#next = effort.steps + stepsAtOnce;
  }

  async give(): Promise<void> {
    if (this.effort.steps < this.#next) return;
    await new Promise(setImmediate);
    this.#next = this.effort.steps + stepsAtOnce;
  }
}

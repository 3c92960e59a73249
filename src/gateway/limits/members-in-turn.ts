import { Fault } from '../../kernel/errors.js';
import type { TurnstileBounds } from './turnstile.js';

/**
 * Lets work through a few at a time, members in turn: whoever asks for much waits behind their own requests, and others hardly at
 * all. Without a place to wait it is refused with `overloaded`.
 */
export class MembersInTurn {
  readonly #bounds: TurnstileBounds;
  /** Those who wait, in the order of their turns, each with what waits. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #count = 0;
  #underWay = 0;

  constructor(bounds: TurnstileBounds) {
    this.#bounds = bounds;
  }

  /** Does the work in its turn and answers as it does. */
  async pass<T>(memberId: string, work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#bounds.atOnce) {
      if (this.#count >= this.#bounds.waiting)
        throw new Fault('overloaded', 'Too many at once; come back in turn', { retry_after_ms: 1_000 });
      // Whoever ends hands its place over, so nobody slips in between.
      await new Promise<void>((resolve) => this.#wait(memberId, resolve));
    } else this.#underWay++;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #wait(memberId: string, go: () => void): void {
    this.#count++;
    const own = this.#waiting.get(memberId);
    if (own) own.push(go);
    else this.#waiting.set(memberId, [go]);
  }

  #next(): void {
    for (const [memberId, own] of this.#waiting) {
      const go = own.shift()!;
      this.#count--;
      this.#waiting.delete(memberId);
      if (own.length > 0) this.#waiting.set(memberId, own);
      go();
      return;
    }
    this.#underWay--;
  }
}

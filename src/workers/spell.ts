import type { Clock } from '../kernel/clock.js';

/** How a spell of failures went: how many there were, and the ms from the first of them to its end. */
export interface SpellEnded {
  failures: number;
  for_ms: number;
}

/** Failures that follow each other, told of twice however many there are: when the first comes, and when it is over. */
export class Spell {
  #failures = 0;
  #spells = 0;
  #since = 0;

  constructor(
    private readonly clock: Clock,
    private readonly begins: (error: unknown) => void,
    private readonly ends: (spell: SpellEnded) => void,
  ) {}

  /** Failures of the spell that lasts; 0 when none does. */
  get failures(): number {
    return this.#failures;
  }

  /** Spells that have begun so far. */
  get spells(): number {
    return this.#spells;
  }

  failed(error: unknown): void {
    if (this.#failures++ > 0) return;
    this.#spells++;
    this.#since = this.clock.monotonic();
    this.begins(error);
  }

  /** What failed has gone well. Nothing happens where nothing failed. */
  over(): void {
    if (this.#failures === 0) return;
    const ended = { failures: this.#failures, for_ms: Math.round(this.clock.monotonic() - this.#since) };
    this.#failures = 0;
    this.ends(ended);
  }
}

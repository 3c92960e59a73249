import type { Clock, Timer } from '../kernel/clock.js';
import type { Spell } from './spell.js';

/** Ms of the first wait at most; each further one may be twice as long, up to the longest. */
const firstMs = 100;
const longestMs = 5_000;

/** A wait between half and all of what the number of waits before it allows: many that failed together come back apart. */
const waitMs = (before: number, random: () => number): number =>
  Math.round(Math.min(longestMs, firstMs * 2 ** Math.min(before, 30)) * (1 - random() / 2));

/** Waits before what is tried while a spell of failures lasts, longer each time. Each spell begins with a short wait. */
export class Patience {
  #waits = 0;
  /** The spell that they belong to. */
  #spells = 0;
  #isStopped = false;
  #waiting: { over: Promise<void>; timer: Timer; end: () => void } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly spell: Spell,
    private readonly random: () => number = Math.random,
  ) {}

  /**
   * Runs it, after a wait while a spell lasts. When it goes well, and nothing failed beside it, the spell is over. Rejects as it does,
   * and without running it once stopped in a wait; whoever called it tells the spell.
   */
  async try<T>(run: () => Promise<T>): Promise<T> {
    if (this.spell.failures > 0) await this.#wait();
    if (this.#isStopped) throw new Error('stopped');
    const before = this.spell.failures;
    const result = await run();
    if (this.spell.failures === before) this.spell.over();
    return result;
  }

  /** Ends a wait at once. Nothing is run from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting?.timer.cancel();
    this.#waiting?.end();
  }

  /** Those who come meanwhile wait for the same end. */
  #wait(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    if (this.#waiting) return this.#waiting.over;
    if (this.#spells !== this.spell.spells) this.#waits = 0;
    this.#spells = this.spell.spells;
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = () => {
        this.#waiting = undefined;
        resolve();
      };
    });
    this.#waiting = { over, timer: this.clock.after(waitMs(this.#waits++, this.random), end), end };
    return over;
  }
}

import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import type { Guesses } from '../ports.js';
import { type GuessState, nextTry } from './guessing.js';

/** What is counted at once; past that the longest unused is forgotten. */
const most = 100_000;

export const tooManyGuesses = (ms: number): Fault =>
  new Fault('rate_limited', 'Too many wrong passwords for this name; wait a little', { retry_after_ms: Math.max(1, Math.ceil(ms)) });

/** Counts in this process alone: the insurance while Redis is away, and for tests. */
export class MemoryGuesses implements Guesses {
  readonly #states = new LRUCache<string, GuessState>(entriesAtMost(most));
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async begin(key: string): Promise<void> {
    const next = nextTry(this.#states.get(key), this.#clock.now());
    if ('refusedMs' in next) throw tooManyGuesses(next.refusedMs);
    this.#states.set(key, next.state);
  }

  async succeeded(key: string): Promise<void> {
    this.#states.delete(key);
  }
}

/** Where limits are off. */
export const unlimitedGuesses: Guesses = { begin: async () => undefined, succeeded: async () => undefined };

import { Fault } from '../kernel/errors.js';
import type { Thread } from '../protocol/resources.js';
import { fullJitter, type Random } from './backoff.js';
import type { Clock, Timer } from './clock.js';

const soonestMs = 200;
const backoff = { baseMs: 1_000, maxMs: 30_000 };

export interface FreshThreadsParts {
  clock: Clock;
  random: Random;
  /** Over how long those who ask spread themselves, ms. */
  spreadMs(): number;
  ask(threadId: string): Promise<Thread>;
  took(thread: Thread): void;
  /** It is not there, or not for oneself (any more). */
  missed(threadId: string): void;
}

/**
 * Asks for threads of which events do not say enough. All who hear an event may want to ask at once: so each waits for
 * a while, the longer the more of them there are, and asks for one thread after the other, once for all that was told
 * of it meanwhile.
 */
export class FreshThreads {
  readonly #parts: FreshThreadsParts;
  readonly #wanted = new Set<string>();
  #timer: Timer | undefined;
  #isAsking = false;
  /** What was asked for before the last `forget` is not wanted any more. */
  #life = 0;
  #failures = 0;

  constructor(parts: FreshThreadsParts) {
    this.#parts = parts;
  }

  want(threadId: string): void {
    this.#wanted.add(threadId);
    this.#wait(soonestMs + this.#parts.random() * this.#parts.spreadMs());
  }

  /** Enough is known of it by now. */
  drop(threadId: string): void {
    this.#wanted.delete(threadId);
  }

  /** All is read anew, or nobody looks any more. */
  forget(): void {
    this.#life++;
    this.#wanted.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#failures = 0;
  }

  #wait(ms: number): void {
    if (this.#timer || this.#isAsking) return;
    this.#timer = this.#parts.clock.after(ms, () => {
      this.#timer = undefined;
      void this.#askAll();
    });
  }

  async #askAll(): Promise<void> {
    const life = this.#life;
    this.#isAsking = true;
    let again: number | undefined;
    for (const threadId of this.#wanted) {
      this.#wanted.delete(threadId);
      try {
        const thread = await this.#parts.ask(threadId);
        if (life !== this.#life) break;
        this.#failures = 0;
        this.#parts.took(thread);
      } catch (thrown) {
        const fault = Fault.from(thrown);
        if (life !== this.#life) break;
        if (fault.code === 'not_found' || fault.code === 'forbidden') {
          this.#parts.missed(threadId);
          continue;
        }
        this.#wanted.add(threadId);
        again = Math.max(fault.retry_after_ms ?? 0, soonestMs, fullJitter(this.#failures++, backoff, this.#parts.random));
        break;
      }
    }
    this.#isAsking = false;
    if (this.#wanted.size > 0) this.#wait(again ?? soonestMs);
  }
}

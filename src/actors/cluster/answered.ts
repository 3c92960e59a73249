import { LRUCache } from 'lru-cache';
import { entriesAtMost } from '../../kernel/lazy-bound.js';

export interface AnsweredLimits {
  /** Answers kept, and their characters together. */
  answers: number;
  bytes: number;
  /** Asks under way that are known by id. */
  running: number;
}

export const defaultAnswered: AnsweredLimits = { answers: 4_096, bytes: 16 * 1024 * 1024, running: 20_000 };

/**
 * Asks of other instances that this one has answered lately, or is answering: one that arrives twice is not done twice. In
 * memory alone and bounded: after a crash, a hand-off or much traffic a repeated ask is done again, which its sender must bear.
 */
export class Answered {
  readonly #answers: LRUCache<string, string>;
  readonly #running: LRUCache<string, true>;

  constructor(limits: AnsweredLimits = defaultAnswered) {
    // Counted as an equal share at least, no more than so many fit in.
    const share = Math.max(1, Math.floor(limits.bytes / limits.answers));
    this.#answers = new LRUCache({ maxSize: limits.bytes, sizeCalculation: (text) => Math.max(text.length, share) });
    this.#running = new LRUCache(entriesAtMost(limits.running));
  }

  /** The answer, `running`, or undefined for an ask never seen, which then counts as running. */
  begin(id: string): string | 'running' | undefined {
    const answer = this.#answers.get(id);
    if (answer !== undefined) return answer;
    if (this.#running.has(id)) return 'running';
    this.#running.set(id, true);
    return undefined;
  }

  /** `answer` is kept for when the ask comes again. */
  end(id: string, answer: string): void {
    this.#running.delete(id);
    this.#answers.set(id, answer);
  }

  /** It was not done here: passed on, or refused before its turn. */
  forget(id: string): void {
    this.#running.delete(id);
  }
}

export interface AnsweredLimits {
  /** The last answers that are kept, unless their characters are more. */
  answers: number;
  bytes: number;
  /** Asks under way that are known by id. */
  running: number;
}

export const defaultAnswered: AnsweredLimits = { answers: 4_096, bytes: 16 * 1024 * 1024, running: 20_000 };

/** The answer to an ask; null while it is under way. */
type Asks = Map<string, string | null>;

/**
 * Asks of other instances that this one has answered lately, or is answering: one that arrives twice is not done twice. In
 * memory alone and bounded: after a crash, a hand-off or much traffic a repeated ask is done again, which its sender must bear.
 * Two generations: when the younger is full it becomes the elder, and of the elder only what is under way is kept.
 */
export class Answered {
  readonly #limits: AnsweredLimits;
  #young: Asks = new Map();
  #old: Asks = new Map();
  /** Answers in the younger, and their characters. */
  #answers = 0;
  #bytes = 0;

  constructor(limits: AnsweredLimits = defaultAnswered) {
    this.#limits = limits;
  }

  /** The answer, `running`, or undefined for an ask never seen, which then counts as running. */
  begin(id: string): string | 'running' | undefined {
    let known = this.#young.get(id);
    if (known === undefined) known = this.#old.get(id);
    if (known !== undefined) return known ?? 'running';
    this.#young.set(id, null);
    if (this.#young.size > this.#limits.answers + 2 * this.#limits.running) this.#age();
    return undefined;
  }

  /** `answer` is kept for when the ask comes again. */
  end(id: string, answer: string): void {
    this.#young.set(id, answer);
    this.#answers++;
    this.#bytes += answer.length;
    if (this.#answers >= this.#limits.answers || this.#bytes >= this.#limits.bytes / 2) this.#age();
  }

  /** It was not done here: passed on, or refused before its turn. */
  forget(id: string): void {
    this.#young.delete(id);
    this.#old.delete(id);
  }

  #age(): void {
    const left = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    this.#answers = this.#bytes = 0;
    for (const [id, answer] of left) {
      if (answer === null && !this.#old.has(id) && this.#young.size < this.#limits.running) this.#young.set(id, null);
    }
  }
}

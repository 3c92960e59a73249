import type { Clock, Timer } from '../../kernel/clock.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';

/** Port: whether this node can do its work, apart from having a lease; say, whether its store answers it. */
export interface Fitness {
  fit(): boolean;
  onChange(listener: () => void): void;
}

export interface ProbeLimits {
  /** Ms from the end of one probe to the beginning of the next. */
  intervalMs: number;
  /** Ms after which a probe without an answer has failed. */
  answerMs: number;
  /** Probes in a row that must fail before the node counts as unfit; one that succeeds makes it fit again. */
  failures: number;
}

export const defaultProbe: ProbeLimits = { intervalMs: 500, answerMs: 1_000, failures: 3 };

/**
 * Fitness by asking something again and again. Probes are counted, not time, so that a process that was halted does not find
 * itself unfit when it wakes up. Unfit after at most `intervalMs + failures × (intervalMs + answerMs)`: 5 s by default.
 */
export class ProbedFitness implements Fitness, Part {
  readonly name = 'fitness';
  readonly #probe: () => Promise<unknown>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: ProbeLimits;
  readonly #listeners: (() => void)[] = [];
  #failed = 0;
  #timer: Timer | undefined;
  #running = false;

  constructor(parts: { probe: () => Promise<unknown>; clock: Clock; logger: Logger; limits?: Partial<ProbeLimits> | undefined }) {
    this.#probe = parts.probe;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#limits = { ...defaultProbe, ...parts.limits };
  }

  /** True before the first probe. */
  fit(): boolean {
    return this.#failed < this.#limits.failures;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#next();
  }

  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
  }

  #next(): void {
    this.#timer = this.#clock.after(this.#limits.intervalMs, () => this.#ask());
  }

  #ask(): void {
    let over = false;
    const end = (error?: unknown): void => {
      if (over) return;
      over = true;
      this.#timer?.cancel();
      if (!this.#running) return;
      this.#count(error);
      this.#next();
    };
    this.#timer = this.#clock.after(this.#limits.answerMs, () => end(new Error('no answer in time')));
    this.#probe().then(
      () => end(),
      (error: unknown) => end(error ?? new Error('failed')),
    );
  }

  #count(error: unknown): void {
    const before = this.fit();
    this.#failed = error === undefined ? 0 : this.#failed + 1;
    if (this.fit() === before) return;
    if (before) this.#logger.error({ err: error }, 'this node is not fit to own anything: its store does not answer');
    else this.#logger.info('this node is fit again: its store answers');
    for (const listener of this.#listeners) listener();
  }
}

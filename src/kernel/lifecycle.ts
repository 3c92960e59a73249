import type { Clock } from './clock.js';
import type { Logger } from './logger.js';

/** What starts or stops. */
export interface Part {
  /** As the log and a failed start name it. */
  readonly name: string;
  start?(): Promise<void> | void;
  /** Must not throw for having been stopped before. */
  stop?(): Promise<void> | void;
}

/** A start or stop that has taken so long, ms, is logged at `info`; and at `warn`, while it lasts, after five times that. */
const slowMs = 1_000;
const stuckMs = 5 * slowMs;

/**
 * The list of parts: they start in its order and stop in reverse. Starting or stopping twice is harmless; a part that fails to
 * start stops what was started before it, then the failure is thrown on under the part's name, with itself as the `cause`. Each
 * start, stop and failure is logged with the part's name and its time in ms.
 */
export class Lifecycle {
  readonly #parts: Part[] = [];
  readonly #running: Part[] = [];
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly #logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  #stopping: Promise<void> | undefined;
  #isStopping = false;

  constructor(tools: { clock: Pick<Clock, 'monotonic' | 'after'>; logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> }) {
    this.#clock = tools.clock;
    this.#logger = tools.logger;
  }

  /** Lists a part and hands it out: who makes a part in this call cannot refer to one that is never started. */
  use<P extends Part>(part: P): P {
    this.#parts.push(part);
    return part;
  }

  /** Names of all parts, in the order in which they start. */
  get names(): string[] {
    return this.#parts.map(({ name }) => name);
  }

  /** From the call of `stop` until everything is stopped. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  async start(): Promise<void> {
    for (const part of this.#parts.slice(this.#running.length)) {
      try {
        await this.#timed(part, 'start', () => part.start?.());
      } catch (error) {
        await this.stop();
        throw new Error(`${part.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
      this.#running.push(part);
    }
  }

  /** Every part is stopped even when one before it failed to. */
  stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopping ??= this.#stopAll().finally(() => {
      this.#stopping = undefined;
      this.#isStopping = false;
    });
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    while (this.#running.length > 0) {
      const part = this.#running.pop()!;
      // A failure is in the log.
      await this.#timed(part, 'stop', () => part.stop?.()).catch(() => undefined);
    }
  }

  async #timed({ name }: Part, step: 'start' | 'stop', act: () => Promise<void> | void): Promise<void> {
    const began = this.#clock.monotonic();
    const ms = (): number => Math.round(this.#clock.monotonic() - began);
    const stuck = this.#clock.after(stuckMs, () => this.#logger.warn({ part: name, ms: ms() }, `still waiting for its ${step}`));
    try {
      await act();
      this.#logger[ms() >= slowMs ? 'info' : 'debug']({ part: name, ms: ms() }, step === 'start' ? 'started' : 'stopped');
    } catch (err) {
      this.#logger.error({ part: name, ms: ms(), err }, `could not ${step}`);
      throw err;
    } finally {
      stuck.cancel();
    }
  }
}

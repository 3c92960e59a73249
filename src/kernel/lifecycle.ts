/**
 * Parts that start in order and stop in reverse. Starting or stopping twice is harmless; a part that fails to start
 * stops what was started before it, then the failure is thrown on.
 */
export interface Part {
  name: string;
  start?(): Promise<void> | void;
  /** Must not throw for having been stopped before. */
  stop?(): Promise<void> | void;
}

export class Lifecycle {
  readonly #parts: Part[] = [];
  readonly #running: Part[] = [];
  readonly #onStopError: (part: string, error: unknown) => void;
  #stopping: Promise<void> | undefined;

  constructor(onStopError: (part: string, error: unknown) => void) {
    this.#onStopError = onStopError;
  }

  add(part: Part): this {
    this.#parts.push(part);
    return this;
  }

  /** Adds a part and hands it out: who makes a part in this call cannot refer to one that is never started. */
  use<P extends Part>(part: P): P {
    this.add(part);
    return part;
  }

  async start(): Promise<void> {
    for (const part of this.#parts.slice(this.#running.length)) {
      try {
        await part.start?.();
      } catch (error) {
        await this.stop();
        throw error;
      }
      this.#running.push(part);
    }
  }

  /** Every part is stopped even when one before it failed to. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (let part = this.#running.pop(); part; part = this.#running.pop()) {
      try {
        await part.stop?.();
      } catch (error) {
        this.#onStopError(part.name, error);
      }
    }
  }
}

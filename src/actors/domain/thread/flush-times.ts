import { hash32 } from '../../../kernel/ids.js';
import type { ActorContext } from '../../runtime/actor.js';

/** How long a thread's figures may lag in the store and in thread lists; those of a thread that changes all the time, the second. */
const lagMs = 1_000;
const busyLagMs = 3_000;
/** After a flush that the store did not answer. */
const againMs = 2_000;
/** Flushes of all threads come together so often, so that the store gets them in few writes; busy threads share out the ticks. */
const tickMs = 250;

/** When a thread's actor is told to flush what it has gathered: soon after a change that comes alone, less often while changes go on. */
export class FlushTimes {
  readonly #context: ActorContext;
  readonly #phase: number;
  #isDue = false;
  /** Monotonic ms. */
  #last = Number.NEGATIVE_INFINITY;

  constructor(context: ActorContext, threadId: string) {
    this.#context = context;
    this.#phase = (hash32(threadId) % (busyLagMs / tickMs)) * tickMs;
  }

  /** A flush has been told and has not begun. */
  get isDue(): boolean {
    return this.#isDue;
  }

  changed(): void {
    const isBusy = this.#context.clock.monotonic() - this.#last < busyLagMs;
    if (isBusy) this.#within(busyLagMs, busyLagMs);
    else this.#within(lagMs, tickMs);
  }

  failed(): void {
    this.#within(againMs, tickMs);
  }

  begun(): void {
    this.#isDue = false;
    this.#last = this.#context.clock.monotonic();
  }

  #within(ms: number, stepMs: number): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const early = (this.#context.clock.monotonic() + ms + this.#phase) % stepMs;
    this.#context.tellSelfAfter(ms - early, { type: 'flush' });
  }
}

import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Clock } from '../kernel/clock.js';
import { Patience } from './patience.js';
import type { Spell } from './spell.js';

/**
 * A worker that waits before it asks a Redis for jobs that has refused something: its disk is full, its memory, it is a replica, it
 * loads. BullMQ waits where it cannot connect; after any other error it asks again at once. Whoever makes it tells the spell of its
 * errors. It lives on two methods that BullMQ's classes may override; what they promise here, the tests hold them to.
 */
export class PatientWorker extends Worker {
  readonly #spell: Spell;
  readonly #patience: Patience;

  constructor(name: string, processor: Processor, options: WorkerOptions, parts: { clock: Clock; spell: Spell }) {
    super(name, processor, options);
    this.#spell = parts.spell;
    this.#patience = new Patience(parts.clock, parts.spell);
  }

  /** Jobs under way are finished, a wait is not. */
  override close(force?: boolean): Promise<void> {
    this.#patience.stop();
    return super.close(force);
  }

  protected override moveToActive(token: string, name?: string): Promise<Job> {
    return this.#patience.try(() => super.moveToActive(token, name));
  }

  /** S for which Redis is to hold the answer until there is a job. While it refuses, none: asking for a job shows when that ends. */
  protected override getBlockTimeout(blockUntil: number): number {
    return this.#spell.failures > 0 ? 0 : super.getBlockTimeout(blockUntil);
  }
}

import { Queue } from 'bullmq';
import { deadQueue, queuePrefix } from './queues.js';
import type { QueueConnection } from './redis/connection.js';

/** What is known of a job that failed for good. Never its text: jobs carry ids alone. */
interface DeadJob {
  queue: string;
  name: string;
  data: unknown;
  reason: string;
}

/** What is kept of them: at most so many, each for so many ms. */
export interface DeadJobLimits {
  count: number;
  keepMs: number;
}

const usual: DeadJobLimits = { count: 10_000, keepMs: 14 * 24 * 60 * 60_000 };
/** What a letter says of a job, at most. */
const maxText = 500;
const maxData = 10_000;

/** The dead-letter queue: jobs that failed for good, to be looked at. Beyond its limits the oldest go. */
export class DeadJobs {
  readonly #queue: Queue<DeadJob>;
  readonly #limits: DeadJobLimits;
  /** One after the other, or each would clear away what is too much. */
  #last: Promise<void> = Promise.resolve();

  constructor(redis: QueueConnection, prefix: string, limits: Partial<DeadJobLimits> = {}) {
    this.#queue = new Queue<DeadJob>(deadQueue, { connection: redis, prefix: queuePrefix(prefix) });
    this.#queue.on('error', () => {}); // the connection reports, once
    this.#limits = { ...usual, ...limits };
  }

  /** Keeps what can be told of a job. Rejects when Redis fails. */
  bury(queue: string, job: { name: string; data: unknown }, reason: string): Promise<void> {
    const next = this.#last.catch(() => undefined).then(() => this.#add(queue, job, reason));
    this.#last = next;
    return next;
  }

  async #add(queue: string, job: { name: string; data: unknown }, reason: string): Promise<void> {
    const isLarge = (JSON.stringify(job.data) ?? '').length > maxData;
    const letter = { queue, name: job.name.slice(0, maxText), data: isLarge ? null : job.data, reason: reason.slice(0, maxText) };
    await this.#queue.add('dead', letter, { removeOnComplete: true });
    const over = (await this.count()) - this.#limits.count;
    if (over > 0) await this.#queue.clean(0, over, 'wait');
  }

  count(): Promise<number> {
    return this.#queue.getWaitingCount();
  }

  /** Forgets those that have been kept long enough. */
  async clear(): Promise<void> {
    await this.#queue.clean(this.#limits.keepMs, this.#limits.count, 'wait');
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

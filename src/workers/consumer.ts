import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from '../kernel/logger.js';
import type { Telemetry } from '../kernel/telemetry.js';
import { deadQueue, type QueueName, queuePrefix } from './queues.js';
import type { QueueConnection } from './redis/connection.js';

export interface ConsumerOptions {
  redis: QueueConnection;
  prefix: string;
  logger: Logger;
  telemetry: Telemetry;
  concurrency: number;
}

/** What is known of a job that failed for good. Never its text: jobs carry ids alone. */
interface DeadJob {
  queue: string;
  name: string;
  data: unknown;
  reason: string;
}

/** Jobs kept in the dead-letter queue. */
const deadLimit = 10_000;

/**
 * Works one queue off. A job that throws is tried again later while others go on; after the last try it goes to the
 * dead-letter queue. A job whose worker died is taken over by another after half a minute.
 */
export class QueueConsumer {
  readonly queue: Queue;
  readonly #dead: Queue<DeadJob>;
  readonly #worker: Worker;
  readonly #o: ConsumerOptions;

  /** `handle` gets a job's name and data, and whether this is its last try. */
  constructor(name: QueueName, options: ConsumerOptions, handle: (name: string, data: unknown, isLastTry: boolean) => Promise<void>) {
    this.#o = options;
    const base = { connection: options.redis, prefix: queuePrefix(options.prefix) };
    this.queue = new Queue(name, base);
    this.#dead = new Queue<DeadJob>(deadQueue, base);
    this.#worker = new Worker(
      name,
      async (job: Job) => {
        await handle(job.name, job.data, job.attemptsMade + 1 >= (job.opts.attempts ?? 1));
        options.telemetry.jobs.inc({ queue: name, outcome: 'done' });
      },
      {
        ...base,
        autorun: false,
        concurrency: options.concurrency,
        maxStalledCount: 3,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      },
    );
    for (const part of [this.queue, this.#dead]) part.on('error', () => {}); // the connection reports, once
    this.#worker.on('error', (error) => {
      if (options.redis.status === 'ready') options.logger.warn({ err: error, queue: name }, 'a worker stumbled; it goes on');
    });
    this.#worker.on('stalled', (job) => {
      options.telemetry.jobs.inc({ queue: name, outcome: 'stalled' });
      options.logger.warn({ queue: name, job }, 'a job was left by its worker; it is taken over');
    });
    this.#worker.on('failed', (job, error) => this.#failed(name, job, error));
  }

  start(): void {
    this.#worker.run().catch((error: unknown) => this.#o.logger.error({ err: error, queue: this.queue.name }, 'a worker ended'));
  }

  /** Finishes the jobs under way and takes no more. May never resolve while Redis is away. */
  async stop(): Promise<void> {
    await this.#worker.close();
    await Promise.all([this.queue.close(), this.#dead.close()]);
  }

  #failed(queue: QueueName, job: Job | undefined, error: Error): void {
    const dead =
      !job || error instanceof UnrecoverableError || job.attemptsMade >= (job.opts.attempts ?? 1) || job.finishedOn !== undefined;
    this.#o.telemetry.jobs.inc({ queue, outcome: dead ? 'dead' : 'retried' });
    this.#o.logger[dead ? 'error' : 'warn'](
      { err: error, queue, job: job?.name, attempt: job?.attemptsMade },
      dead ? 'a job failed for good' : 'a job failed; it is tried again',
    );
    if (!dead || !job) return;
    const letter: DeadJob = { queue, name: job.name, data: job.data, reason: error.message.slice(0, 500) };
    this.#bury(letter).catch((failure: unknown) => this.#o.logger.warn({ err: failure, queue }, 'a failed job could not be kept'));
  }

  async #bury(letter: DeadJob): Promise<void> {
    await this.#dead.add(letter.name, letter, { removeOnComplete: true });
    const over = (await this.#dead.getWaitingCount()) - deadLimit;
    if (over > 0) await this.#dead.clean(0, over, 'wait');
  }
}

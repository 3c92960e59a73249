import { DelayedError, type Job, Queue, UnrecoverableError } from 'bullmq';
import type { Clock } from '../kernel/clock.js';
import { Fault } from '../kernel/errors.js';
import type { Logger } from '../kernel/logger.js';
import type { Telemetry } from '../kernel/telemetry.js';
import type { DeadJobs } from './dead-jobs.js';
import { PatientWorker } from './patient-worker.js';
import { jobOptions, onceAtATime, type QueueName, queuePrefix } from './queues.js';
import type { QueueConnection } from './redis/connection.js';
import { Spell } from './spell.js';

export interface ConsumerOptions {
  redis: QueueConnection;
  prefix: string;
  logger: Logger;
  clock: Clock;
  telemetry: Telemetry;
  concurrency: number;
  dead: DeadJobs;
  /** Whether a failure lies with the store rather than with the job. */
  isStoreAway: () => Promise<boolean>;
  /** A job to be made, long after one failed for good. */
  later?: ((data: unknown) => { name: string; data: unknown; delayMs: number; once: string } | undefined) | undefined;
  /** Ms after which a job whose worker does not keep it is taken from it; default 30,000. */
  stallMs?: number | undefined;
}

/** A job that meets a store that is away waits so long. */
const storeAwayMs = 5_000;
/** Jobs that may wait to be made again. */
const laterLimit = 10_000;

/** How it stands with a job that is handed out. */
export interface Turn {
  isLastTry: boolean;
  /** Ms since it was made, without the time that it was meant to wait. */
  waitedMs: number;
}

/**
 * Works one queue off. A job that throws is tried again later while others go on; after the last try it goes to the
 * dead-letter queue, and may be made again much later. One that fails because the store is away loses no try by that. A job
 * whose worker died is taken over by another after half a minute; one that was left so four times goes to the dead letters too.
 * While Redis refuses to hand jobs out or to take them back it is asked less and less often, every 5 s at last; no job is lost.
 */
export class QueueConsumer {
  readonly queue: Queue;
  readonly #worker: PatientWorker;
  readonly #o: ConsumerOptions;

  constructor(name: QueueName, options: ConsumerOptions, handle: (name: string, data: unknown, turn: Turn) => Promise<void>) {
    this.#o = options;
    const base = { connection: options.redis, prefix: queuePrefix(options.prefix) };
    this.queue = new Queue(name, base);
    const spell = new Spell(
      options.clock,
      (error) => options.logger.warn({ err: error, queue: name }, 'a worker stumbled; it waits and tries on'),
      (ended) => options.logger.warn({ ...ended, queue: name }, 'a worker goes on'),
    );
    this.#worker = new PatientWorker(
      name,
      async (job: Job, token) => {
        try {
          await handle(job.name, job.data, {
            isLastTry: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
            waitedMs: Math.max(0, options.clock.now() - job.timestamp - (job.opts.delay ?? 0)),
          });
        } catch (error) {
          if (!isOfStore(error) || !(await options.isStoreAway())) throw error;
          options.telemetry.jobs.inc({ queue: name, outcome: 'put_off' });
          await job.moveToDelayed(options.clock.now() + storeAwayMs, token);
          throw new DelayedError();
        }
        options.telemetry.jobs.inc({ queue: name, outcome: 'done' });
      },
      {
        ...base,
        autorun: false,
        concurrency: options.concurrency,
        maxStalledCount: 3,
        ...(options.stallMs !== undefined && { lockDuration: options.stallMs, stalledInterval: options.stallMs }),
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      },
      { clock: options.clock, spell },
    );
    this.queue.on('error', () => {}); // the connection reports, once
    this.#worker.on('error', (error) => {
      if (options.redis.status === 'ready') spell.failed(error);
    });
    this.#worker.on('completed', () => spell.over());
    this.#worker.on('stalled', (job) => {
      options.telemetry.jobs.inc({ queue: name, outcome: 'stalled' });
      options.logger.warn({ queue: name, job }, 'a job was left by its worker; it is taken over');
      this.#mend(job).catch((error: unknown) => options.logger.debug({ err: error, queue: name }, 'a job could not be looked at'));
    });
    this.#worker.on('failed', (job, error) => {
      spell.over(); // Redis has taken the failure down
      this.#failed(name, job, error);
    });
  }

  start(): void {
    this.#worker.run().catch((error: unknown) => this.#o.logger.error({ err: error, queue: this.queue.name }, 'a worker ended'));
  }

  /** Finishes the jobs under way and takes no more. May never resolve while Redis is away. */
  async stop(): Promise<void> {
    await this.#worker.close();
    await this.queue.close();
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
    this.#bury(job, error).catch((failure: unknown) => this.#o.logger.warn({ err: failure, queue }, 'a failed job could not be kept'));
  }

  /** A job that cannot even be read would be taken and left for ever: emptied, it fails for good. */
  async #mend(jobId: string): Promise<void> {
    try {
      await this.queue.getJob(jobId);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      await this.#o.redis.hset(this.queue.toKey(jobId), { data: 'null', opts: '{}' });
    }
  }

  async #bury(job: Job, error: Error): Promise<void> {
    await this.#o.dead.bury(this.queue.name, job, error.message);
    const again = this.#o.later?.(job.data);
    if (!again || (await this.queue.getDelayedCount()) >= laterLimit) return;
    await this.queue.add(again.name, again.data, { ...jobOptions, ...onceAtATime(again.once), delay: again.delayMs });
  }
}

const isOfStore = (error: unknown): boolean => error instanceof Fault && (error.code === 'unavailable' || error.code === 'timeout');

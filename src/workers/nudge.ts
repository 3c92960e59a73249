import { Queue } from 'bullmq';
import type { Nudge } from '../actors/domain/ports.js';
import type { Clock, Timer } from '../kernel/clock.js';
import type { Part } from '../kernel/lifecycle.js';
import type { Logger } from '../kernel/logger.js';
import type { Telemetry } from '../kernel/telemetry.js';
import { HoldOff } from './hold-off.js';
import { backlogLimit, chunks, jobOptions, onceAtATime, type PurgeJob, queuePrefix, threadsPerJob, type VisitJob } from './queues.js';
import { QueueConnection } from './redis/connection.js';

export interface NudgeOptions {
  redisUrl: string;
  /** Key prefix of the installation. */
  prefix: string;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  /** Ms for which changes are gathered; default 100. */
  gatherMs?: number;
  /** Ms between two announcements of one thread; default 1,000. */
  intervalMs?: number;
}

/** Threads that may wait to be announced, and deletions. */
const pendingLimit = 20_000;
const deletionLimit = 1_000;
/** Threads announced in one go. */
const perFlush = 1_000;
/** Ms until the next try when Redis is away. */
const retryMs = 1_000;
/** Ms that stopping may take when Redis does not answer. */
const stopMs = 2_000;

type Deletion = { thread_id: string } | { community_id: string };

/** Tells the workers by jobs in Redis. Nothing here waits or throws; what gets lost, the sweep finds. */
class QueueNudge implements Nudge, Part {
  readonly name = 'nudge';
  readonly #o: NudgeOptions;
  readonly #threads: HoldOff;
  #deletions: Deletion[] = [];
  #redis: QueueConnection | undefined;
  #visits: Queue<VisitJob>[] = [];
  #upkeep: Queue<PurgeJob> | undefined;
  #timer: Timer | undefined;
  #flushing: Promise<void> | undefined;
  #away = false;

  constructor(options: NudgeOptions) {
    this.#o = options;
    this.#threads = new HoldOff(options.intervalMs ?? 1_000, pendingLimit);
  }

  start(): void {
    if (this.#redis) return;
    const { logger } = this.#o;
    const redis = new QueueConnection(this.#o.redisUrl, logger);
    const open = <J>(name: string): Queue<J> => {
      const queue = new Queue<J>(name, { connection: redis, prefix: queuePrefix(this.#o.prefix) });
      queue.on('error', () => {}); // the connection reports once
      return queue;
    };
    this.#redis = redis;
    this.#visits = [open<VisitJob>('search'), open<VisitJob>('notify')];
    this.#upkeep = open<PurgeJob>('upkeep');
    this.#later(this.#o.gatherMs ?? 100);
  }

  async stop(): Promise<void> {
    const redis = this.#redis;
    if (!redis) return;
    this.#timer?.cancel();
    const lastWords = async (): Promise<void> => {
      await this.#flushing;
      await this.#flush(true);
      await Promise.all([...this.#visits, this.#upkeep].map((queue) => queue?.close()));
    };
    await Promise.race([lastWords().catch(() => {}), new Promise<void>((resolve) => this.#o.clock.after(stopMs, resolve))]);
    this.#redis = undefined;
    redis.closeAll();
  }

  changed(threadId: string): void {
    if (this.#threads.add(threadId)) this.#later(this.#o.gatherMs ?? 100);
    else this.#o.telemetry.jobs.inc({ queue: 'search', outcome: 'not_announced' });
  }

  deleted(what: Deletion): void {
    if (this.#deletions.length < deletionLimit) this.#deletions.push(what);
    else this.#o.telemetry.jobs.inc({ queue: 'upkeep', outcome: 'not_announced' });
    this.#later(this.#o.gatherMs ?? 100);
  }

  #later(ms: number): void {
    if (!this.#redis || this.#timer || this.#flushing) return;
    this.#timer = this.#o.clock.after(ms, () => {
      this.#timer = undefined;
      this.#flushing = this.#flush(false).finally(() => {
        this.#flushing = undefined;
        if (this.#threads.size + this.#deletions.length > 0) this.#later(this.#away ? retryMs : (this.#o.gatherMs ?? 100));
      });
    });
  }

  /** Never rejects. */
  async #flush(all: boolean): Promise<void> {
    this.#away = this.#redis?.status !== 'ready';
    if (this.#away) return;
    const deletions = this.#deletions;
    this.#deletions = [];
    const threads = this.#threads.take(this.#o.clock.monotonic(), all ? pendingLimit : perFlush, all);
    if (threads.length + deletions.length === 0) return;
    try {
      await Promise.all([this.#announce(threads), this.#announceDeletions(deletions)]);
    } catch (error) {
      this.#o.logger.warn({ err: error, threads: threads.length }, 'could not announce changes to the workers; trying on');
      this.#away = true;
      for (const id of threads) this.changed(id);
      for (const what of deletions) this.deleted(what);
    }
  }

  async #announce(threads: string[]): Promise<void> {
    if (threads.length === 0) return;
    const jobs = chunks(threads, threadsPerJob).map((part) => ({ name: 'visit', data: { threads: part }, opts: jobOptions }));
    await Promise.all(
      this.#visits.map(async (queue) => {
        if ((await queue.getWaitingCount()) < backlogLimit) await queue.addBulk(jobs);
        else this.#o.telemetry.jobs.inc({ queue: queue.name, outcome: 'not_announced' }, threads.length);
      }),
    );
  }

  async #announceDeletions(deletions: Deletion[]): Promise<void> {
    if (deletions.length === 0) return;
    await this.#upkeep?.addBulk(
      deletions.map((what) => ({
        name: 'purge',
        data: what,
        opts: { ...jobOptions, ...onceAtATime(`purge-${'thread_id' in what ? what.thread_id : what.community_id}`) },
      })),
    );
  }
}

/**
 * The producer of work. Until it is started, and while Redis is away, it keeps up to 20,000 threads; beyond that it counts
 * and forgets. Stopping announces what is left.
 */
export const createNudge = (options: NudgeOptions): Nudge & Part => new QueueNudge(options);

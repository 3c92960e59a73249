import { UnrecoverableError } from 'bullmq';
import type { z } from 'zod';
import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Clock, Timer } from '../kernel/clock.js';
import type { Part } from '../kernel/lifecycle.js';
import type { Logger } from '../kernel/logger.js';
import type { Telemetry } from '../kernel/telemetry.js';
import type { Store } from '../store/contracts.js';
import { AccountChanges } from './account-changes.js';
import { QueueConsumer } from './consumer.js';
import { type DeadJobLimits, DeadJobs } from './dead-jobs.js';
import { Notifier } from './notify.js';
import { Purge } from './purge.js';
import { chunks, deadQueue, jobOptions, onceAtATime, purgeJob, sweepJob, threadsPerJob, visitJob } from './queues.js';
import { QueueConnection } from './redis/connection.js';
import { Reindex } from './reindex.js';
import { restByLoad } from './rest.js';
import { SearchIndex } from './search-index.js';
import { type Backlog, Sweep } from './sweep.js';
import { UntoldSweep } from './untold.js';
import { type Follower, Visitor } from './visit.js';

export interface WorkersOptions {
  redisUrl: string;
  /** Key prefix of the installation. */
  prefix: string;
  store: Store;
  /** Only told, never asked. */
  actors: Pick<ActorSystem, 'tell'>;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  /** Jobs of one queue at a time in this process; default 1. */
  concurrency?: number;
  /** Ms between two sweeps of the whole installation; default 30,000. */
  sweepMs?: number;
  /** What is kept of jobs that failed for good. */
  dead?: Partial<DeadJobLimits>;
  /** Ms after which a thread whose visit failed for good is visited again, doubled each time; default 600,000. */
  againMs?: number;
  /** It shares its process with sockets: it rests longer while that is busy. */
  yields?: boolean;
  /** Ms after which a job is taken from a worker that does not keep it; default 30,000. */
  stallMs?: number;
}

const minutes = 60_000;
/** How far behind the last sweep to look: always, and when Redis has forgotten its queues. */
const usualReach = 2 * minutes;
const longReach = 24 * 60 * minutes;
const usualSweepMs = 30_000;
/** A stopping worker waits for it. */
const longestReindexMs = 8_000;
const gaugeMs = 5_000;
const clearMs = 24 * 60 * minutes;
const stopMs = 10_000;
/** A thread whose visits fail for good is left to its next change after so many of them. */
const mostAgain = 5;

/**
 * The background work of an installation: search index, notifications, clearing away what was deleted. Any number of
 * processes may run it side by side. All of it follows the store, so stopping or killing it at any point loses nothing.
 */
class Workers implements Part {
  readonly name = 'workers';
  readonly #o: WorkersOptions;
  readonly #purge: Purge;
  readonly #queues = new Map<string, QueueConsumer>();
  #redis: QueueConnection | undefined;
  #dead: DeadJobs | undefined;
  #gauge: Timer | undefined;
  #gauging = false;

  constructor(options: WorkersOptions) {
    this.#o = options;
    this.#purge = new Purge(options.store, options.logger, options.actors);
  }

  /** Resolves at once: without Redis the work begins when it is there. */
  start(): void {
    if (this.#redis) return;
    const { store, clock, logger, actors } = this.#o;
    this.#redis = new QueueConnection(this.#o.redisUrl, logger);
    this.#dead = new DeadJobs(this.#redis, this.#o.prefix, this.#o.dead);
    this.#follow(new SearchIndex(store));
    this.#follow(new Notifier(store, actors, clock));
    const sweep = new Sweep(store, this.#backlogs(), clock, this.#o.yields ? restByLoad() : undefined);
    const accounts = new AccountChanges(store, actors, clock);
    const untold = new UntoldSweep(store, actors, clock, logger);
    const reindex = new Reindex({ store, clock, logger, telemetry: this.#o.telemetry, rest: this.#o.yields ? restByLoad() : undefined });
    this.#open('upkeep', 2, async (name, data) => {
      if (name === 'sweep')
        await Promise.all([sweep.run(parse(sweepJob, data).reach), accounts.run(), this.#untold(untold), this.#reindex(reindex)]);
      else if (name === 'purge') await this.#purge.run(parse(purgeJob, data));
      else if (name === 'clear') {
        await Promise.all([this.#purge.everything(), this.#purge.notifications(), this.#dead?.clear(), reindex.again()]);
      } else throw new UnrecoverableError(`no such job: ${name.slice(0, 40)}`);
    });
    for (const queue of this.#queues.values()) queue.start();
    void this.#look();
    this.#gauge = clock.every(gaugeMs, () => void this.#look());
  }

  async stop(): Promise<void> {
    const redis = this.#redis;
    if (!redis) return;
    this.#gauge?.cancel();
    const stopped = Promise.all([...this.#queues.values()].map((queue) => queue.stop()))
      .then(() => this.#dead?.close())
      .catch((error: unknown) => {
        this.#o.logger.debug({ err: error }, 'a queue did not stop in order');
      });
    // Jobs that are not finished by then are taken over by another worker.
    const patience = redis.status === 'ready' ? stopMs : 0;
    await Promise.race([stopped, new Promise<void>((resolve) => this.#o.clock.after(patience, resolve))]);
    this.#redis = undefined;
    this.#queues.clear();
    redis.closeAll();
  }

  /** For a part of the time between two sweeps. What keeps it from going on must not keep the sweep. */
  async #reindex(reindex: Reindex): Promise<void> {
    const forMs = Math.min(longestReindexMs, (this.#o.sweepMs ?? usualSweepMs) / 2);
    await reindex.run(forMs).catch((error: unknown) => {
      this.#o.logger.warn({ err: error }, 'the search index could not be brought over; the next sweep goes on');
    });
  }

  /** Likewise. */
  async #untold(untold: UntoldSweep): Promise<void> {
    await untold.run(Math.min(longestReindexMs, (this.#o.sweepMs ?? usualSweepMs) / 2)).catch((error: unknown) => {
      this.#o.logger.warn({ err: error }, 'ledgers could not be brought along; the next sweep goes on');
    });
  }

  #follow(follower: Follower): void {
    const visitor = new Visitor(this.#o.store, follower, this.#o.clock, this.#o.yields ? restByLoad() : undefined);
    this.#open(follower.consumer, this.#o.concurrency ?? 1, async (_name, data, { isLastTry, waitedMs }) => {
      const { threads } = parse(visitJob, data);
      const single = threads.length === 1;
      try {
        const { failed, unfinished } = await visitor.visit(threads, waitedMs);
        if (single && failed[0]) throw failed[0].error;
        await this.#announce(follower.consumer, unfinished);
        await this.#oneByOne(
          follower.consumer,
          failed.map((failure) => failure.thread_id),
        );
      } catch (error) {
        // What keeps a whole job from being done may be one thread of it.
        if (single || !isLastTry) throw error;
        await this.#oneByOne(follower.consumer, threads);
      }
    });
  }

  /** A thread that was given up, some time later: what kept it from being done may be gone by then. */
  #later(data: unknown): { name: string; data: unknown; delayMs: number; once: string } | undefined {
    const { data: job } = visitJob.safeParse(data);
    const again = (job?.again ?? 0) + 1;
    if (!job || job.threads.length > 1 || again > mostAgain) return undefined;
    const delayMs = (this.#o.againMs ?? 10 * minutes) * 2 ** (again - 1);
    return { name: 'visit', data: { threads: job.threads, again }, delayMs, once: `again-${job.threads[0]}` };
  }

  /** Behind all jobs that wait already. */
  async #announce(queue: string, threads: readonly string[]): Promise<void> {
    if (threads.length === 0) return;
    const jobs = chunks(threads, threadsPerJob).map((part) => ({ name: 'visit', data: { threads: part }, opts: jobOptions }));
    await this.#queues.get(queue)?.queue.addBulk(jobs);
  }

  /** Each by a job of its own, so that one that never goes holds up nothing else. */
  async #oneByOne(queue: string, threads: readonly string[]): Promise<void> {
    if (threads.length === 0) return;
    await this.#queues
      .get(queue)
      ?.queue.addBulk(threads.map((id) => ({ name: 'visit', data: { threads: [id] }, opts: { ...jobOptions, ...onceAtATime(id) } })));
  }

  #open(name: 'search' | 'notify' | 'upkeep', concurrency: number, handle: ConstructorParameters<typeof QueueConsumer>[2]): void {
    const { prefix, logger, telemetry, clock, store, stallMs } = this.#o;
    const isStoreAway = (): Promise<boolean> =>
      store.ping().then(
        () => false,
        () => true,
      );
    const later = name === 'upkeep' ? undefined : (data: unknown) => this.#later(data);
    const options = { redis: this.#redis!, dead: this.#dead!, prefix, logger, telemetry, clock, concurrency, isStoreAway, later, stallMs };
    this.#queues.set(name, new QueueConsumer(name, options, handle));
  }

  #backlogs(): Backlog[] {
    return (['search', 'notify'] as const).map((consumer) => ({
      consumer,
      heedsScopes: consumer === 'search',
      waiting: async () => (await this.#queues.get(consumer)?.queue.getWaitingCount()) ?? 0,
      announce: (threads) => this.#announce(consumer, threads),
    }));
  }

  /** Measures the queues and sees to the timetable. Never rejects. */
  async #look(): Promise<void> {
    if (this.#gauging || this.#redis?.status === 'end') return;
    this.#gauging = true;
    try {
      await this.#keepTimetable();
      for (const [queue, consumer] of this.#queues) {
        const counts = await consumer.queue.getJobCounts('waiting', 'active', 'delayed');
        for (const [state, count] of Object.entries(counts)) this.#o.telemetry.queueDepth.set({ queue, state }, count);
      }
      if (this.#dead) this.#o.telemetry.queueDepth.set({ queue: deadQueue, state: 'waiting' }, await this.#dead.count());
    } catch (error) {
      this.#o.logger.debug({ err: error }, 'the queues could not be measured');
    } finally {
      this.#gauging = false;
    }
  }

  /** No timetable: Redis is new or has lost its data, and jobs with it. So one sweep looks far back. */
  async #keepTimetable(): Promise<void> {
    const upkeep = this.#queues.get('upkeep')?.queue;
    const every = this.#o.sweepMs ?? usualSweepMs;
    if (!upkeep || (await upkeep.getJobScheduler('sweep'))?.every === every) return;
    await upkeep.upsertJobScheduler('clear', { every: clearMs }, { name: 'clear', data: {}, opts: jobOptions });
    await upkeep.add('sweep', { reach: longReach }, { ...jobOptions, ...onceAtATime('sweep-far') });
    await upkeep.upsertJobScheduler('sweep', { every }, { name: 'sweep', data: { reach: usualReach }, opts: jobOptions });
  }
}

/** A job of another shape is nothing to try again. */
const parse = <S extends z.ZodType>(schema: S, data: unknown): z.output<S> => {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new UnrecoverableError('the job does not have the expected form');
  return parsed.data;
};

export const createWorkers = (options: WorkersOptions): Part => new Workers(options);

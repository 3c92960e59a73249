import { Queue } from 'bullmq';
import type { Gone, Nudge } from '../actors/domain/ports.js';
import type { Clock, Timer } from '../kernel/clock.js';
import type { Part } from '../kernel/lifecycle.js';
import type { Logger } from '../kernel/logger.js';
import type { Telemetry } from '../kernel/telemetry.js';
import { HoldOff } from './hold-off.js';
import { chunks, jobOptions, onceAtATime, type PurgeJob, queuePrefix, threadsPerJob, type VisitJob } from './queues.js';
import { QueueConnection } from './redis/connection.js';
import { Spell } from './spell.js';

export interface NudgeOptions {
  redisUrl: string;
  /** Key prefix of the installation. */
  prefix: string;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  /** Ms for which changes are gathered; default 100. */
  gatherMs?: number;
  /** Ms between two announcements of one thread to one queue; default `intervalsMs`. */
  intervalMs?: number;
}

/** A busy thread is indexed every so often, each time with all that came since; who was mentioned waits less. */
const intervalsMs = { search: 3_000, notify: 1_000 } as const;
/** Threads that may wait to be announced to one queue, and deletions. */
const pendingLimit = 20_000;
const deletionLimit = 1_000;
/** Threads announced in one go. */
const perFlush = 1_000;
/** Jobs that may wait in a queue before a thread is rather kept here, where its further changes cost nothing. */
const enoughWaiting = 20;
/** Ms until the next try when Redis is away or the workers have enough to do. */
const retryMs = 1_000;
/** Ms that stopping may take when Redis does not answer. */
const stopMs = 2_000;

/** One queue of visits, and the threads that are still to be announced to it. */
class Announcer {
  constructor(
    readonly queue: Queue<VisitJob>,
    readonly pending: HoldOff,
    readonly spell: Spell,
  ) {}

  /** Announces what is due, `all`: whatever is there. Rejects when Redis fails; nothing is lost by that. */
  async flush(now: number, all: boolean): Promise<'done' | 'full'> {
    if (!all && (await this.queue.getWaitingCount()) >= enoughWaiting) return 'full';
    const threads = this.pending.take(now, all ? pendingLimit : perFlush, all);
    if (threads.length === 0) return 'done';
    try {
      await this.queue.addBulk(
        chunks(threads, threadsPerJob).map((part) => ({ name: 'visit', data: { threads: part }, opts: jobOptions })),
      );
      this.spell.over();
      return 'done';
    } catch (error) {
      for (const id of threads) this.pending.add(id);
      throw error;
    }
  }
}

/** Tells the workers by jobs in Redis. Nothing here waits or throws; what gets lost, the sweep finds. */
class QueueNudge implements Nudge, Part {
  readonly name = 'nudge';
  readonly #o: NudgeOptions;
  #deletions: Gone[] = [];
  #redis: QueueConnection | undefined;
  #announcers: Announcer[] = [];
  #upkeep: Queue<PurgeJob> | undefined;
  readonly #upkeepSpell: Spell;
  #timer: Timer | undefined;
  /** When it fires, in monotonic ms. */
  #due = 0;
  /** Before it nothing can be announced anyway. */
  #restUntil = 0;
  #flushing: Promise<void> | undefined;

  constructor(options: NudgeOptions) {
    this.#o = options;
    this.#upkeepSpell = this.#spell('upkeep', 'could not announce deletions to the workers; trying on');
  }

  start(): void {
    if (this.#redis) return;
    const redis = new QueueConnection(this.#o.redisUrl, this.#o.logger);
    const open = <J>(name: string): Queue<J> => {
      const queue = new Queue<J>(name, { connection: redis, prefix: queuePrefix(this.#o.prefix) });
      queue.on('error', () => {}); // the connection reports, once
      return queue;
    };
    this.#redis = redis;
    this.#announcers = (['search', 'notify'] as const).map(
      (name) =>
        new Announcer(
          open<VisitJob>(name),
          new HoldOff(this.#o.intervalMs ?? intervalsMs[name], pendingLimit),
          this.#spell(name, 'could not announce changes to the workers; trying on'),
        ),
    );
    this.#upkeep = open<PurgeJob>('upkeep');
  }

  async stop(): Promise<void> {
    const redis = this.#redis;
    if (!redis) return;
    this.#timer?.cancel();
    const lastWords = async (): Promise<void> => {
      await this.#flushing;
      await this.#flush(true);
      await Promise.all([...this.#announcers.map(({ queue }) => queue), this.#upkeep].map((queue) => queue?.close()));
    };
    await Promise.race([lastWords().catch(() => {}), new Promise<void>((resolve) => this.#o.clock.after(stopMs, resolve))]);
    this.#redis = undefined;
    redis.closeAll();
  }

  changed(threadId: string, rings = true): void {
    const now = this.#o.clock.monotonic();
    for (const { queue, pending } of this.#announcers) {
      if (!rings && queue.name === 'notify') continue;
      if (pending.add(threadId)) this.#later(Math.max(this.#gatherMs, pending.dueIn(threadId, now)));
      else this.#o.telemetry.jobs.inc({ queue: queue.name, outcome: 'not_announced' });
    }
  }

  deleted(what: Gone): void {
    if (this.#deletions.length < deletionLimit) this.#deletions.push(what);
    else this.#o.telemetry.jobs.inc({ queue: 'upkeep', outcome: 'not_announced' });
    this.#later(this.#gatherMs);
  }

  get #gatherMs(): number {
    return this.#o.gatherMs ?? 100;
  }

  #later(ms: number): void {
    const now = this.#o.clock.monotonic();
    const due = Math.max(now + ms, this.#restUntil);
    if (!this.#redis || this.#flushing || (this.#timer && this.#due <= due)) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.#o.clock.after(due - now, () => {
      this.#timer = undefined;
      this.#flushing = this.#flush(false).then((outcome) => {
        this.#flushing = undefined;
        this.#laterIfNeeded(outcome);
      });
    });
  }

  #laterIfNeeded(outcome: 'done' | 'wait'): void {
    const now = this.#o.clock.monotonic();
    if (outcome === 'wait') this.#restUntil = now + retryMs;
    const next = this.#deletions.length > 0 ? 0 : Math.min(...this.#announcers.map(({ pending }) => pending.firstDueIn(now)));
    if (next < Number.POSITIVE_INFINITY) this.#later(Math.max(this.#gatherMs, next));
  }

  /** Never rejects. `wait`: Redis is away, or every queue that has something to be told is full. */
  async #flush(all: boolean): Promise<'done' | 'wait'> {
    if (this.#redis?.status !== 'ready') return 'wait';
    const deletions = this.#deletions.splice(0);
    try {
      await this.#announceDeletions(deletions);
    } catch (error) {
      this.#deletions.push(...deletions);
      this.#upkeepSpell.failed(error);
      return 'wait';
    }
    const now = this.#o.clock.monotonic();
    const busy = this.#announcers.filter(({ pending }) => (all ? pending.size > 0 : pending.firstDueIn(now) === 0));
    const outcomes = await Promise.all(
      busy.map((announcer) =>
        announcer.flush(now, all).catch((error: unknown) => {
          announcer.spell.failed(error);
          return 'full' as const;
        }),
      ),
    );
    return busy.length > 0 && outcomes.every((outcome) => outcome === 'full') ? 'wait' : 'done';
  }

  async #announceDeletions(deletions: Gone[]): Promise<void> {
    if (deletions.length === 0) return;
    await this.#upkeep?.addBulk(
      deletions.map((what) => ({
        name: 'purge',
        data: what,
        opts: { ...jobOptions, ...onceAtATime(`purge-${Object.values(what).join('-')}`) },
      })),
    );
    this.#upkeepSpell.over();
  }

  #spell(queue: string, failure: string): Spell {
    const { clock, logger } = this.#o;
    return new Spell(
      clock,
      (error) => logger.warn({ err: error, queue }, failure),
      (ended) => logger.warn({ ...ended, queue }, 'announced to the workers again'),
    );
  }
}

/**
 * The producer of work: a quiet thread is announced after `gatherMs`, a busy one at most once per interval, and fewer
 * while the workers have enough to do. While Redis is away it keeps up to 20,000 threads; beyond that it counts and forgets.
 * Stopping announces what is left; a crash loses it, and the sweep finds it.
 */
export const createNudge = (options: NudgeOptions): Nudge & Part => new QueueNudge(options);

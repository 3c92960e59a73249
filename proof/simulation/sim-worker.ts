import { pino } from 'pino';
import type { Nudge } from '../../src/actors/domain/ports.js';
import type { Address, Message } from '../../src/actors/runtime/actor.js';
import type { Store } from '../../src/store/contracts.js';
import { Notifier } from '../../src/workers/notify.js';
import { SearchIndex } from '../../src/workers/search-index.js';
import { Sweep } from '../../src/workers/sweep.js';
import { UntoldSweep } from '../../src/workers/untold.js';
import { type Follower, Visitor } from '../../src/workers/visit.js';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';

/** Of all jobs: those that are lost, and those that run twice at once. */
const lostJobs = 0.1;
const doubledJobs = 0.2;
const tries = 5;

/** The workers' real logic behind a queue that loses and doubles jobs; a sweep finds what was lost. */
export class SimWorker {
  readonly #process: SimProcess;
  readonly #random: Random;
  readonly #visitors: Visitor[];
  readonly #sweep: Sweep;
  readonly #untold: UntoldSweep;
  #underWay = 0;
  /** From now on every job arrives once. */
  reliable = false;

  constructor(parts: { process: SimProcess; random: Random; store: Store; tell: (to: Address, message: Message) => void }) {
    const { process, random, store } = parts;
    this.#process = process;
    this.#random = random;
    const followers: Follower[] = [new SearchIndex(store), new Notifier(store, { tell: parts.tell }, process.clock)];
    this.#visitors = followers.map((follower) => new Visitor(store, follower, process.clock));
    const backlogs = followers.map(({ consumer }) => ({
      consumer,
      waiting: async () => 0,
      announce: async (threads: readonly string[]) => {
        for (const thread of threads) this.#job(thread);
      },
    }));
    this.#sweep = new Sweep(store, backlogs, process.clock);
    this.#untold = new UntoldSweep(store, { tell: parts.tell }, process.clock, pino({ level: 'silent' }));
  }

  get idle(): boolean {
    return this.#underWay === 0;
  }

  readonly nudge: Nudge = {
    changed: (threadId, rings = true) => this.#job(threadId, rings),
    deleted: () => undefined,
  };

  /** Answers how many threads were found behind. */
  sweep(): Promise<number> {
    return this.#sweep.run(10 * 60_000);
  }

  /** Members are told what their ledgers do not show yet. */
  sweepUntold(): Promise<void> {
    return this.#untold.run(1_000);
  }

  /** `rings` false: nobody is to be notified, so only the search index is brought level. */
  #job(threadId: string, rings = true): void {
    if (!this.reliable && this.#random.chance(lostJobs)) return;
    const visitors = rings ? this.#visitors : this.#visitors.filter(({ consumer }) => consumer === 'search');
    this.#run(visitors, threadId, this.#random.between(50, 400), 1);
    if (!this.reliable && this.#random.chance(doubledJobs)) this.#run(visitors, threadId, this.#random.between(50, 400), 1);
  }

  #run(visitors: readonly Visitor[], threadId: string, delayMs: number, attempt: number): void {
    this.#underWay++;
    this.#process.clock.after(delayMs, () => {
      void Promise.all(visitors.map((visitor) => visitor.visit([threadId])))
        .then(
          (failures) => failures.flat().length > 0,
          () => true,
        )
        .then((failed) => {
          this.#underWay--;
          if (failed && attempt < tries) this.#run(visitors, threadId, 1_000 * 2 ** attempt, attempt + 1);
        });
    });
  }
}

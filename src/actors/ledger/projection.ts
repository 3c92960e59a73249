import type { LedgerItemRecord, LedgerRepository } from '../../store/contracts.js';
import type { ActorContext } from '../runtime/actor.js';
import type { Tail } from './tail.js';

/** Commits that are kept whatever their age, and how old, in ms, one must be to be dropped for being beyond them. */
const kept = 1_000;
const youngMs = 10 * 60_000;
const oldMs = 30 * 24 * 3_600_000;
/** It is looked for what may be dropped once in so many commits. */
const dropEach = 100;

/**
 * The items of one ledger, as they follow from its commits. What must hold: an item never goes back to an older rev, and how far the
 * items go is stored behind them. A crash leaves commits that are not projected, which the next owner projects before it reads items.
 */
export class Projection {
  /** Items are stored up to this rev. */
  #head = 0;
  #floor = 0;
  #sinceDrop = 0;
  #running: Promise<void> | undefined;

  constructor(
    private readonly name: string,
    private readonly context: Pick<ActorContext, 'clock' | 'isLost'>,
    private readonly ledgers: LedgerRepository,
    private readonly tail: Tail,
  ) {}

  get head(): number {
    return this.#head;
  }

  /** What was changed at or below it may be forgotten. */
  get floor(): number {
    return this.#floor;
  }

  begin({ projected, floor }: { projected: number; floor: number }): void {
    // Commits that were dropped were projected before.
    this.#head = Math.max(projected, floor);
    this.#floor = floor;
  }

  /** Stores the items of what was committed so far. Rejects when the store does not answer. Those who ask at once share it. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    const { head } = this.tail;
    if (head === this.#head || this.context.isLost) return;
    const items = this.tail.changedAfter(this.#head);
    if (!items) throw new Error(`ledger ${this.name}: commits after ${this.#head} are not in memory`);
    await this.ledgers.project(
      this.name,
      head,
      items.map((item): LedgerItemRecord => ({ ledger: this.name, ...item })),
    );
    this.#sinceDrop += head - this.#head;
    this.#head = head;
    if (this.#sinceDrop >= dropEach) await this.#drop();
  }

  /** Drops commits beyond what is kept, and tombstones with them. */
  async #drop(): Promise<void> {
    this.#sinceDrop = 0;
    const now = this.context.clock.now();
    const isOver = async (rev: number, ms: number) => ((await this.ledgers.madeAt(this.name, rev)) ?? now) < now - ms;
    const beyond = this.#head - kept;
    const oldest = this.#floor + 1;
    const to = beyond > this.#floor && (await isOver(beyond, youngMs)) ? beyond : (await isOver(oldest, oldMs)) ? oldest : 0;
    if (to <= this.#floor || this.context.isLost) return;
    // Whoever knows less is given everything from here on, whatever becomes of the deletion.
    const before = this.#floor;
    this.#floor = to;
    this.#floor = Math.max(before, await this.ledgers.drop(this.name, to));
  }
}

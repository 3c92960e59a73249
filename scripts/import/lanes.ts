import type { Import, ImportItem } from '../../src/actors/domain/thread/messages.js';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import type { ActorSystem } from '../../src/actors/runtime/actor.js';
import type { Clock } from '../../src/kernel/clock.js';
import { Fault } from '../../src/kernel/errors.js';

/** A message on its way, and the line it came from. */
export interface Cargo {
  line: number;
  item: ImportItem;
}

export interface LaneLimits {
  /** Asks under way at a time. */
  asks: number;
  /** Messages, and UTF-16 units of text, in one ask. */
  items: number;
  units: number;
  timeoutMs: number;
  /** How long one ask is tried again before the import gives up, ms. */
  patienceMs: number;
}

export const usualLanes: LaneLimits = { asks: 192, items: 200, units: 100_000, timeoutMs: 30_000, patienceMs: 120_000 };

/** The nodes did not take messages for so long that going on makes no sense. */
export class Stuck extends Error {}

/**
 * Brings messages to their threads' actors: those of one thread one ask after another, in order, those of different threads
 * side by side. An ask that fails for the moment is made again; the nonces keep it from storing anything twice.
 */
export class Lanes {
  readonly #waiting = new Map<string, Cargo[]>();
  readonly #ready: string[] = [];
  readonly #busy = new Set<string>();
  #open = 0;
  #wake: (() => void)[] = [];
  #failure: Error | undefined;
  /** So far. */
  stored = 0;
  known = 0;

  constructor(
    private readonly actors: Pick<ActorSystem, 'ask'>,
    private readonly clock: Clock,
    /** Messages that their thread refuses for good. */
    private readonly refused: (cargo: readonly Cargo[], fault: Fault) => void,
    private readonly limits: LaneLimits = usualLanes,
  ) {}

  /** Messages not yet answered for. */
  get open(): number {
    return this.#open;
  }

  push(threadId: string, cargo: readonly Cargo[]): void {
    const waiting = this.#waiting.get(threadId);
    if (waiting) waiting.push(...cargo);
    else {
      this.#waiting.set(threadId, [...cargo]);
      if (!this.#busy.has(threadId)) this.#ready.push(threadId);
    }
    this.#open += cargo.length;
    this.#pump();
  }

  /** Resolves when at most so many are open. Rejects with Stuck. */
  async downTo(open: number): Promise<void> {
    while (this.#open > open && !this.#failure) await new Promise<void>((resolve) => this.#wake.push(resolve));
    if (this.#failure) throw this.#failure;
  }

  #pump(): void {
    while (this.#busy.size < this.limits.asks && !this.#failure) {
      const id = this.#ready.shift();
      if (id === undefined) return;
      this.#busy.add(id);
      void this.#send(id, this.#take(id)).then(() => {
        this.#busy.delete(id);
        if (this.#waiting.has(id)) this.#ready.push(id);
        for (const wake of this.#wake.splice(0)) wake();
        this.#pump();
      });
    }
  }

  #take(id: string): Cargo[] {
    const waiting = this.#waiting.get(id) ?? [];
    let count = 0;
    let units = 0;
    while (count < waiting.length && count < this.limits.items) {
      units += waiting[count]!.item.content.length;
      if (count > 0 && units > this.limits.units) break;
      count++;
    }
    const taken = waiting.splice(0, count);
    if (waiting.length === 0) this.#waiting.delete(id);
    return taken;
  }

  /** Never rejects. */
  async #send(id: string, cargo: Cargo[]): Promise<void> {
    const until = this.clock.monotonic() + this.limits.patienceMs;
    const message: Import = { type: 'import', items: cargo.map(({ item }) => item) };
    for (let wait = 100; ; wait = Math.min(5_000, wait * 2)) {
      try {
        const { stored, known } = await this.actors.ask<Import>(threadAddress(id), message, { timeoutMs: this.limits.timeoutMs });
        this.stored += stored;
        this.known += known;
        break;
      } catch (error) {
        const fault = Fault.from(error);
        if (!fault.retryable) {
          this.refused(cargo, fault);
          break;
        }
        if (this.clock.monotonic() > until) {
          this.#failure ??= new Stuck(`the cluster does not take messages: ${fault.message}`);
          return;
        }
        await this.clock.sleep(Math.max(fault.retry_after_ms ?? 0, wait * (0.5 + Math.random())));
      }
    }
    this.#open -= cargo.length;
  }
}

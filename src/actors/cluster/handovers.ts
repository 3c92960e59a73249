import type { Clock, Timer } from '../../kernel/clock.js';

interface Handover {
  readonly from: string;
  readonly slots: Set<number>;
  readonly timer: Timer;
}

/**
 * Slots that have just left a living owner to which this process has sent. What is sent to their actors from here waits until
 * the old owner says that all before it has been dealt with or passed on; so one sender's messages keep their order across a
 * hand-off. Bounded in time: an old owner that dies or says nothing costs order, never delivery.
 */
export class Handovers {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onEnd: (from: string, slots: ReadonlySet<number>) => void;
  readonly #open = new Map<string, Handover>();
  readonly #bySlot = new Map<number, string>();
  #count = 0;

  /** `limitMs`: how long an old owner is waited for. */
  constructor(clock: Clock, limitMs: number, onEnd: (from: string, slots: ReadonlySet<number>) => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onEnd = onEnd;
  }

  has(slot: number): boolean {
    return this.#bySlot.size > 0 && this.#bySlot.has(slot);
  }

  /** Answers the id that the old owner is to name. A slot that is in one already waits for the newer. */
  begin(from: string, slots: readonly number[]): string {
    const id = `h${this.#count++}`;
    const timer = this.#clock.after(this.#limitMs, () => this.end(id));
    this.#open.set(id, { from, slots: new Set(slots), timer });
    for (const slot of slots) this.#bySlot.set(slot, id);
    return id;
  }

  /** Harmless for one that has ended. */
  end(id: string): void {
    const handover = this.#open.get(id);
    if (!handover) return;
    this.#open.delete(id);
    handover.timer.cancel();
    for (const slot of handover.slots) {
      if (this.#bySlot.get(slot) === id) this.#bySlot.delete(slot);
    }
    this.#onEnd(handover.from, handover.slots);
  }

  /** The old owner lives no more. */
  endFrom(from: string): void {
    for (const [id, handover] of [...this.#open]) if (handover.from === from) this.end(id);
  }

  endAll(): void {
    for (const id of [...this.#open.keys()]) this.end(id);
  }
}

import type { Envelope } from '../runtime/envelope.js';

/** Envelopes that wait, by slot and in order, until it is known where they go. */
export class Held {
  readonly #limit: number;
  readonly #bySlot = new Map<number, Envelope[]>();
  #size = 0;

  /** `limit`: envelopes in all slots together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return this.#bySlot.has(slot);
  }

  slots(): number[] {
    return [...this.#bySlot.keys()];
  }

  /** False when full. */
  push(slot: number, envelope: Envelope): boolean {
    if (this.#size >= this.#limit) return false;
    const waiting = this.#bySlot.get(slot);
    if (waiting) waiting.push(envelope);
    else this.#bySlot.set(slot, [envelope]);
    this.#size++;
    return true;
  }

  /** Ahead of what waits already, and whatever the limit: these had a place before, in a mailbox. */
  unshift(slot: number, envelopes: Envelope[]): void {
    if (envelopes.length === 0) return;
    this.#bySlot.set(slot, envelopes.concat(this.#bySlot.get(slot) ?? []));
    this.#size += envelopes.length;
  }

  take(slot: number): Envelope[] {
    const waiting = this.#bySlot.get(slot) ?? [];
    this.#bySlot.delete(slot);
    this.#size -= waiting.length;
    return waiting;
  }

  /** Takes out those for which there is no more use. */
  sift(useless: (envelope: Envelope) => boolean): Envelope[] {
    const out: Envelope[] = [];
    for (const [slot, waiting] of [...this.#bySlot]) {
      const kept = waiting.filter((e) => {
        const drop = useless(e);
        if (drop) out.push(e);
        return !drop;
      });
      if (kept.length === 0) this.#bySlot.delete(slot);
      else this.#bySlot.set(slot, kept);
    }
    this.#size -= out.length;
    return out;
  }
}

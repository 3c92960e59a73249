/** What one room still has to be given, in order. */
export interface Delivery<D> {
  /** How much it holds. */
  readonly weight: number;
  readonly done: boolean;
  /** Writes to at most so many sockets more; answers to how many it did. */
  step(most: number): number;
  /** Takes along what follows it, if it can. */
  take(next: D): boolean;
}

/** Sockets that are written to before the event loop gets its turn, and those of one room before another room gets its own. */
const bounds = { turn: 512, room: 128 };
/** What waits at most, by weight. What is beyond it is given out at once, so that the event loop's delay tells of it. */
const mostWaiting = 10_000;

/**
 * Deliveries to rooms, in turns: those of one room one after the other, rooms beside each other, so that a room of thousands
 * does not hold up one of ten. The longer a room waits, the more goes together. Never throws unless a delivery does.
 */
export class RoomQueue<D extends Delivery<D>> {
  readonly #waiting = new Map<string, D[]>();
  readonly #most: number;
  #weight = 0;
  #isScheduled = false;

  constructor(most = mostWaiting) {
    this.#most = most;
  }

  /** Rooms that have something to be given. */
  get size(): number {
    return this.#waiting.size;
  }

  /** What they have to be given. */
  get weight(): number {
    return this.#weight;
  }

  push(room: string, delivery: D): void {
    this.#weight += delivery.weight;
    const deliveries = this.#waiting.get(room);
    if (!deliveries) this.#waiting.set(room, [delivery]);
    else if (!deliveries.at(-1)?.take(delivery)) deliveries.push(delivery);
  }

  /** Gives out one turn's share; the rest follows in later turns. */
  run(): void {
    if (!this.#isScheduled) this.#share(bounds.turn);
    while (this.#weight > this.#most) this.#share(bounds.turn);
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.run();
    });
  }

  /** Gives out now everything that these rooms, or all, have to be given. */
  flush(rooms: Iterable<string> = this.#waiting.keys()): void {
    for (const room of rooms) {
      const deliveries = this.#waiting.get(room);
      if (deliveries) this.#serve(deliveries, Number.POSITIVE_INFINITY);
      this.#waiting.delete(room);
    }
  }

  #share(budget: number): void {
    let left = budget;
    while (left > 0 && this.#waiting.size > 0) {
      // The room that has waited longest; one that is not through goes behind the others.
      for (const [room, deliveries] of this.#waiting) {
        left -= this.#serve(deliveries, Math.min(left, bounds.room));
        this.#waiting.delete(room);
        if (deliveries.length > 0) this.#waiting.set(room, deliveries);
        break;
      }
    }
  }

  #serve(deliveries: D[], most: number): number {
    let written = 0;
    while (deliveries.length > 0 && written < most) {
      const first = deliveries[0]!;
      written += first.step(most - written);
      if (!first.done) continue;
      deliveries.shift();
      this.#weight -= first.weight;
    }
    // A room that costs nothing still costs its turn.
    return Math.max(1, written);
  }
}

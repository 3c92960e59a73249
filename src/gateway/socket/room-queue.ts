import type { Clock, Timer } from '../../kernel/clock.js';

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

interface Waiting<D> {
  deliveries: D[];
  /** Monotonic ms before which it is left waiting. */
  due: number;
}

/** Sockets that are written to before the event loop gets its turn, and those of one room before another room gets its own. */
export const bounds = { turn: 192, room: 64 };
/**
 * A large room is left waiting for about as long as giving it out takes, at most `mostMs`: what comes close behind, as the rest of
 * a burst does when its first message is stored alone, then costs no writes of its own.
 */
const hold = { members: 256, usPerMember: 10, mostMs: 50 };
/** What waits at most, by weight. What is beyond it is given out at once, so that the event loop's delay tells of it. */
const mostWaiting = 10_000;

/**
 * Deliveries to rooms, in turns: those of one room one after the other, rooms beside each other, so that a room of thousands
 * does not hold up one of ten. The longer a room waits, the more goes together; large ones wait a little. Never throws unless a
 * delivery does.
 */
export class RoomQueue<D extends Delivery<D>> {
  readonly #waiting = new Map<string, Waiting<D>>();
  readonly #clock: Clock;
  readonly #membersOf: (room: string) => number;
  readonly #most: number;
  #weight = 0;
  #isScheduled = false;
  #timer: Timer | undefined;

  constructor(parts: { clock: Clock; membersOf: (room: string) => number; most?: number }) {
    this.#clock = parts.clock;
    this.#membersOf = parts.membersOf;
    this.#most = parts.most ?? mostWaiting;
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
    const waiting = this.#waiting.get(room);
    if (!waiting) this.#waiting.set(room, { deliveries: [delivery], due: this.#dueOf(room) });
    else if (!waiting.deliveries.at(-1)?.take(delivery)) waiting.deliveries.push(delivery);
  }

  /** Gives out one turn's share; the rest follows in later turns. */
  run(): void {
    if (!this.#isScheduled) this.#share(bounds.turn, this.#clock.monotonic());
    while (this.#weight > this.#most) this.#share(bounds.turn, Number.POSITIVE_INFINITY);
    if (this.#isScheduled || this.#waiting.size === 0) return;
    const now = this.#clock.monotonic();
    if (this.#longestDue(now)) this.#runSoon();
    else this.#runAfter(Math.min(...[...this.#waiting.values()].map(({ due }) => due)) - now);
  }

  #runSoon(): void {
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.run();
    });
  }

  /** Nothing but large rooms waits. */
  #runAfter(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => this.run());
  }

  /** Monotonic ms; 0 for at once. */
  #dueOf(room: string): number {
    const members = this.#membersOf(room);
    return members < hold.members ? 0 : this.#clock.monotonic() + Math.min(hold.mostMs, (members * hold.usPerMember) / 1_000);
  }

  /** Gives out now everything that these rooms, or all, have to be given. */
  flush(rooms: Iterable<string> = this.#waiting.keys()): void {
    for (const room of rooms) {
      const waiting = this.#waiting.get(room);
      if (waiting) this.#serve(waiting.deliveries, Number.POSITIVE_INFINITY);
      this.#waiting.delete(room);
    }
  }

  #share(budget: number, now: number): void {
    let left = budget;
    while (left > 0) {
      const next = this.#longestDue(now);
      if (!next) return;
      const [room, waiting] = next;
      left -= this.#serve(waiting.deliveries, Math.min(left, bounds.room));
      // One that is not through goes behind the others.
      this.#waiting.delete(room);
      if (waiting.deliveries.length > 0) this.#waiting.set(room, waiting);
    }
  }

  /** The room that has waited longest, of those that are due. */
  #longestDue(now: number): [string, Waiting<D>] | undefined {
    for (const entry of this.#waiting) if (entry[1].due <= now) return entry;
    return undefined;
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

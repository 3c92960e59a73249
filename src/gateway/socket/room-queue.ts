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
  /**
   * Asked when its turn has come: undefined when it may be given out. Otherwise the room, with all that follows, is held until the
   * promise settles, and it is asked again.
   */
  holds(): Promise<unknown> | undefined;
  /** Too much waits behind it: it must not hold its room any longer. */
  giveUp(): void;
}

interface Waiting<D> {
  deliveries: D[];
  /** Monotonic ms before which it is left waiting. */
  due: number;
}
/** Rooms that wait, in the order in which they came or were served last. */
type Line<D> = Map<string, Waiting<D>>;

/**
 * Sockets that are written to before the event loop gets its turn: in rooms that one step serves whole (`room`), so that a message
 * is not left waiting for all its readers by turns; and in larger ones, `room` of each before another room gets its own.
 */
export const bounds = { room: 64, small: 1_024, large: 192 };
/**
 * A large room is left waiting for about as long as giving it out takes, at most `mostMs`: what comes close behind, as the rest of
 * a burst does when its first message is stored alone, then costs no writes of its own.
 */
const hold = { members: 256, usPerMember: 10, mostMs: 50 };
/** What waits at most, by weight. What is beyond it is given out at once, so that the event loop's delay tells of it. */
const mostWaiting = 10_000;
/** What waits at most behind one that holds its room, by weight: in that room, and in all that are held. */
const mostHeld = { room: 1_000, all: 10_000 };

/**
 * Deliveries to rooms, in turns: those of one room one after the other, small rooms first, large ones beside each other, so that
 * a room of thousands does not hold up one of ten. The longer a room waits, the more goes together; large ones wait a little.
 * A delivery may hold its room until something is known that it needs; the others go on. Never throws unless a delivery does.
 */
export class RoomQueue<D extends Delivery<D>> {
  readonly #small: Line<D> = new Map();
  readonly #large: Line<D> = new Map();
  readonly #held: Line<D> = new Map();
  readonly #clock: Clock;
  readonly #membersOf: (room: string) => number;
  readonly #most: number;
  #weight = 0;
  #heldWeight = 0;
  #isScheduled = false;
  #timer: Timer | undefined;

  constructor(parts: { clock: Clock; membersOf: (room: string) => number; most?: number }) {
    this.#clock = parts.clock;
    this.#membersOf = parts.membersOf;
    this.#most = parts.most ?? mostWaiting;
  }

  /** Rooms that have something to be given and are not held. */
  get size(): number {
    return this.#small.size + this.#large.size;
  }

  /** What they have to be given. */
  get weight(): number {
    return this.#weight;
  }

  /** Rooms that are held. */
  get held(): number {
    return this.#held.size;
  }

  push(room: string, delivery: D): void {
    if (this.#held.size > 0 && this.#pushHeld(room, delivery)) return;
    this.#weight += delivery.weight;
    const waiting = this.#small.get(room) ?? this.#large.get(room);
    if (!waiting) this.#line(room).set(room, { deliveries: [delivery], due: this.#dueOf(room) });
    else if (!waiting.deliveries.at(-1)?.take(delivery)) waiting.deliveries.push(delivery);
  }

  #pushHeld(room: string, delivery: D): boolean {
    const waiting = this.#held.get(room);
    if (!waiting) return false;
    this.#heldWeight += delivery.weight;
    if (!waiting.deliveries.at(-1)?.take(delivery)) waiting.deliveries.push(delivery);
    if (this.#heldWeight > mostHeld.all || weightOf(waiting) > mostHeld.room) waiting.deliveries[0]?.giveUp();
    return true;
  }

  #hold(room: string, waiting: Waiting<D>, until: Promise<unknown>): void {
    const weight = weightOf(waiting);
    this.#weight -= weight;
    this.#heldWeight += weight;
    this.#held.set(room, waiting);
    const release = (): void => {
      this.#held.delete(room);
      const left = weightOf(waiting);
      this.#heldWeight -= left;
      this.#weight += left;
      this.#line(room).set(room, waiting);
      this.run();
    };
    void until.then(release, release);
  }

  /** A room stays in its line until it has been given everything, whatever becomes of its size. */
  #line(room: string): Line<D> {
    return this.#membersOf(room) <= bounds.room ? this.#small : this.#large;
  }

  /** Gives out one turn's share; the rest follows in later turns. */
  run(): void {
    if (!this.#isScheduled) this.#turn(this.#clock.monotonic());
    while (this.#weight > this.#most) this.#turn(Number.POSITIVE_INFINITY);
    if (this.#isScheduled || this.size === 0) return;
    const now = this.#clock.monotonic();
    if (longestDue(this.#small, now) ?? longestDue(this.#large, now)) this.#runSoon();
    else this.#runAfter(Math.min(...[...this.#large.values()].map(({ due }) => due)) - now);
  }

  #turn(now: number): void {
    this.#share(this.#small, bounds.small, now);
    this.#share(this.#large, bounds.large, now);
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

  /** Gives out now everything that these rooms, or all, have to be given and that is not held. */
  flush(rooms: Iterable<string> = [...this.#small.keys(), ...this.#large.keys()]): void {
    for (const room of rooms) {
      const waiting = this.#small.get(room) ?? this.#large.get(room);
      if (waiting) this.#serve(room, waiting, Number.POSITIVE_INFINITY);
      this.#small.delete(room);
      this.#large.delete(room);
    }
  }

  #share(line: Line<D>, budget: number, now: number): void {
    let left = budget;
    while (left > 0) {
      const next = longestDue(line, now);
      if (!next) return;
      const [room, waiting] = next;
      left -= this.#serve(room, waiting, Math.min(left, bounds.room));
      // One that is not through goes behind the others.
      line.delete(room);
      if (waiting.deliveries.length > 0 && this.#held.get(room) !== waiting) line.set(room, waiting);
    }
  }

  #serve(room: string, waiting: Waiting<D>, most: number): number {
    const { deliveries } = waiting;
    let written = 0;
    while (deliveries.length > 0 && written < most) {
      const first = deliveries[0]!;
      const until = first.holds();
      if (until) {
        this.#hold(room, waiting, until);
        break;
      }
      written += first.step(most - written);
      if (!first.done) continue;
      deliveries.shift();
      this.#weight -= first.weight;
    }
    // A room that costs nothing still costs its turn.
    return Math.max(1, written);
  }
}

const weightOf = <D extends Delivery<D>>({ deliveries }: Waiting<D>): number => deliveries.reduce((sum, { weight }) => sum + weight, 0);

/** The room that has waited longest, of those that are due. */
const longestDue = <D>(line: Line<D>, now: number): [string, Waiting<D>] | undefined => {
  for (const entry of line) if (entry[1].due <= now) return entry;
  return undefined;
};

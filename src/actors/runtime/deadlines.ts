import type { Clock, Timer } from '../../kernel/clock.js';

/** Width of a bucket in ms: an expiry comes at most this late, never early. */
const WIDTH = 10;

/** Something that ends by itself at a time; it sits in at most one bucket. */
export abstract class Expiring {
  /** Monotonic ms. */
  readonly deadline: number;
  /** The bucket's own links; nobody else touches them. */
  before: Expiring | undefined;
  after: Expiring | undefined;
  bucket: Bucket | undefined;

  constructor(deadline: number) {
    this.deadline = deadline;
  }

  abstract expire(): void;
}

interface Bucket {
  first: Expiring | undefined;
}

/**
 * Many deadlines under one timer: adding and removing are a few pointer writes, which matters since nearly every ask is
 * answered long before its deadline.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Bucket>();
  #armed = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait for their deadline. */
  get size(): number {
    return this.#size;
  }

  add(item: Expiring): void {
    const index = Math.ceil(item.deadline / WIDTH);
    let bucket = this.#buckets.get(index);
    if (!bucket) {
      bucket = { first: undefined };
      this.#buckets.set(index, bucket);
      if (index < this.#armed) this.#arm(index);
    }
    item.bucket = bucket;
    item.after = bucket.first;
    if (bucket.first) bucket.first.before = item;
    bucket.first = item;
    this.#size++;
  }

  /** Harmless for what is not in here any more. */
  remove(item: Expiring): void {
    const bucket = item.bucket;
    if (!bucket) return;
    if (item.before) item.before.after = item.after;
    else bucket.first = item.after;
    if (item.after) item.after.before = item.before;
    item.before = undefined;
    item.after = undefined;
    item.bucket = undefined;
    this.#size--;
  }

  /** Ends everything that waits, now. */
  expireAll(): void {
    for (const index of [...this.#buckets.keys()]) this.#expire(index);
    this.#timer?.cancel();
    this.#armed = Number.POSITIVE_INFINITY;
  }

  #arm(index: number): void {
    this.#timer?.cancel();
    this.#armed = index;
    this.#timer = this.#clock.after(Math.max(0, index * WIDTH - this.#clock.monotonic()), () => this.#fire(index));
  }

  #fire(armed: number): void {
    const due = Math.max(armed, Math.floor(this.#clock.monotonic() / WIDTH));
    let next = Number.POSITIVE_INFINITY;
    for (const index of [...this.#buckets.keys()]) {
      if (index <= due) this.#expire(index);
      else if (index < next) next = index;
    }
    this.#armed = Number.POSITIVE_INFINITY;
    for (const index of this.#buckets.keys()) if (index < next) next = index;
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }

  #expire(index: number): void {
    const bucket = this.#buckets.get(index);
    this.#buckets.delete(index);
    for (let item = bucket?.first; item; item = bucket?.first) {
      this.remove(item);
      item.expire();
    }
  }
}

/**
 * A bounded first-in-first-out ring. It grows by doubling up to its limit, so an idle actor pays for no empty places, and
 * gives the memory of a burst back once it is empty.
 */
export class Mailbox<T> {
  readonly #limit: number;
  readonly #load: { messages: number } | undefined;
  #places: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  /** `limit`: items that may wait at once, at least 1. `load`: where the items of many mailboxes are counted together. */
  constructor(limit: number, load?: { messages: number }) {
    this.#limit = Math.max(1, limit);
    this.#load = load;
  }

  get size(): number {
    return this.#size;
  }

  /** False when full: nothing was taken, and the caller must answer for it. */
  push(item: T): boolean {
    if (this.#size >= this.#limit) return false;
    if (this.#size === this.#places.length) this.#grow();
    this.#places[(this.#head + this.#size) & (this.#places.length - 1)] = item;
    this.#size++;
    if (this.#load) this.#load.messages++;
    return true;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#places[this.#head];
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#places[this.#head];
    this.#places[this.#head] = undefined;
    this.#size--;
    if (this.#load) this.#load.messages--;
    if (this.#size === 0 && this.#places.length > 64) {
      this.#places = [];
      this.#head = 0;
    } else this.#head = (this.#head + 1) & (this.#places.length - 1);
    return item;
  }

  /** Takes out everything, oldest first. */
  drain(): T[] {
    const all: T[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) all.push(item);
    return all;
  }

  /** Places are always a power of two, so that a mask replaces the modulo. */
  #grow(): void {
    const next = new Array<T | undefined>(Math.max(4, this.#places.length * 2));
    for (let i = 0; i < this.#size; i++) next[i] = this.#places[(this.#head + i) & (this.#places.length - 1)];
    next.fill(undefined, this.#size);
    this.#places = next;
    this.#head = 0;
  }
}

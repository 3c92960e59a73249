/** Has a place in a ranking, which keeps it there. */
export interface Ranked {
  /** The ranking's own affair. */
  at: number;
}

/**
 * Keeps what comes first at hand (a binary heap) while things come, change and go. Each of that costs some comparisons for
 * each doubling of how many there are, not one for each of them.
 */
export class Ranking<T extends Ranked> {
  readonly #comesBefore: (a: T, b: T) => boolean;
  readonly #heap: T[] = [];

  /** No two are equal. */
  constructor(comesBefore: (a: T, b: T) => boolean) {
    this.#comesBefore = comesBefore;
  }

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(item: T): void {
    this.#put(item, this.#heap.length);
    this.#rise(item);
  }

  /** To be told after each change of what the order goes by, before the next. */
  changed(item: T): void {
    this.#rise(item);
    this.#sink(item);
  }

  /** It must be in. */
  remove(item: T): void {
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#put(last, item.at);
    this.changed(last);
  }

  #rise(item: T): void {
    while (item.at > 0) {
      const above = this.#heap[(item.at - 1) >> 1]!;
      if (!this.#comesBefore(item, above)) return;
      this.#swap(item, above);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const [left, right] = [this.#heap[2 * item.at + 1], this.#heap[2 * item.at + 2]];
      const below = right && this.#comesBefore(right, left!) ? right : left;
      if (!below || !this.#comesBefore(below, item)) return;
      this.#swap(item, below);
    }
  }

  #swap(a: T, b: T): void {
    const { at } = a;
    this.#put(a, b.at);
    this.#put(b, at);
  }

  #put(item: T, at: number): void {
    item.at = at;
    this.#heap[at] = item;
  }
}

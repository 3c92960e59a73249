import type { Timer } from '../../src/kernel/clock.js';

interface Pending {
  at: number;
  order: number;
  /** Undefined once it has run or was cancelled. */
  run: (() => void) | undefined;
}

/**
 * The one time of a simulation, in ms from its beginning. What is due runs in order of its time, ties in order of creation, and
 * every promise that is ready settles between two of them. Nothing else moves: no real timer, no real I/O.
 */
export class SimTime {
  #now = 0;
  #order = 0;
  #steps = 0;
  readonly #heap: Pending[] = [];

  get now(): number {
    return this.#now;
  }

  /** Callbacks run so far: two runs of one seed have the same. */
  get steps(): number {
    return this.#steps;
  }

  after(ms: number, run: () => void): Timer {
    const pending: Pending = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#push(pending);
    return {
      cancel: () => {
        pending.run = undefined;
      },
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Lets the time pass until the work is done. Rejects when nothing is left that could end it, or when `limitMs` have passed. */
  async drive<T>(work: Promise<T>, limitMs: number): Promise<T> {
    let over = false;
    const end = (): void => {
      over = true;
    };
    work.then(end, end);
    await settle();
    while (!over) {
      const next = this.#pop();
      if (!next) throw new Error('the simulation stands still: nothing is left that could happen');
      if (next.at > limitMs) throw new Error(`the simulation did not end within ${limitMs} ms of its time`);
      this.#now = next.at;
      this.#steps++;
      const { run } = next;
      next.run = undefined;
      run?.();
      await settle();
    }
    return work;
  }

  /** The next one that was not cancelled. */
  #pop(): Pending | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (!first) return undefined;
      const last = this.#heap.pop() as Pending;
      if (this.#heap.length > 0) this.#sink(last);
      if (first.run) return first;
    }
  }

  #push(pending: Pending): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(pending);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Pending;
      if (!before(pending, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = pending;
  }

  #sink(pending: Pending): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Pending, heap[child] as Pending)) child++;
      const below = heap[child] as Pending;
      if (!before(below, pending)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = pending;
  }
}

const before = (a: Pending, b: Pending): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Lets every promise that is ready run to its next wait. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

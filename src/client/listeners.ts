/** A set of listeners. One that throws does not keep the others from hearing; its error surfaces on its own. */
export class Listeners<A extends unknown[] = []> {
  #all = new Set<(...args: A) => void>();

  /** Answers how to stop listening. */
  add(listener: (...args: A) => void): () => void {
    // Wrapped, so that the same function added twice is heard twice and removed once.
    const entry = (...args: A): void => listener(...args);
    this.#all.add(entry);
    return () => void this.#all.delete(entry);
  }

  tell(...args: A): void {
    for (const listener of [...this.#all]) {
      try {
        listener(...args);
      } catch (thrown) {
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }

  clear(): void {
    this.#all.clear();
  }
}

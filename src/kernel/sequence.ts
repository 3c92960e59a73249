/**
 * Lets what was begun first go on first, by key: a step that needs no wait runs at once unless one before it still waits.
 * Holds an entry only while something waits.
 */
export class Sequence {
  readonly #last = new Map<string, Promise<unknown>>();

  /** The step's value, or a promise of it that settles after those of the steps before it. A step's failure is its own. */
  after<T>(key: string, step: () => T | Promise<T>): T | Promise<T> {
    const before = this.#last.get(key);
    const value = step();
    if (before === undefined && !(value instanceof Promise)) return value;
    // It may fail while it still waits for its turn; whoever called sees that from `mine`.
    if (value instanceof Promise) value.catch(() => undefined);
    const mine = before === undefined ? Promise.resolve(value) : before.then(() => value);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    return mine;
  }
}

/** The nodes that a client may talk to, and the one it talks to now. REST and socket share it, so both move together. */
export class Endpoints {
  readonly #urls: readonly string[];
  #at = 0;

  constructor(urls: readonly string[]) {
    if (urls.length === 0) throw new RangeError('A client needs the address of one server or more');
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''));
  }

  /** An origin without a slash at its end; '' stands for the page's own. */
  get current(): string {
    return this.#urls[this.#at] ?? '';
  }

  /** Moves on to the next node, from the last to the first; with one address it stays. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length;
  }
}

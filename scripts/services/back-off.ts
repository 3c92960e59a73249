/** How long to wait before starting again what has died: doubling from the first wait, and from the start again after a long life. */
export class BackOff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #longLifeMs: number;
  #nextMs: number;

  constructor(firstMs = 500, mostMs = 30_000, longLifeMs = 60_000) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#longLifeMs = longLifeMs;
    this.#nextMs = firstMs;
  }

  afterLifeOf(livedMs: number): number {
    const wait = livedMs >= this.#longLifeMs ? this.#firstMs : this.#nextMs;
    this.#nextMs = Math.min(wait * 2, this.#mostMs);
    return wait;
  }
}

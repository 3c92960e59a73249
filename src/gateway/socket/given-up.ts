/** Whether somebody who waits is to wait no longer. */
export class GivenUp {
  readonly happens: Promise<void>;
  #has = false;
  #settle: () => void = () => undefined;

  constructor() {
    this.happens = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get has(): boolean {
    return this.#has;
  }

  now(): void {
    this.#has = true;
    this.#settle();
  }
}

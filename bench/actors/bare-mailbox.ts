interface Waiting<M, R> {
  message: M;
  resolve?: (value: R) => void;
  reject?: (error: unknown) => void;
}

/**
 * The peer of an actor: an array, a handler that takes one message after the other, and nothing else. No names, no bound, no
 * deadlines, no account of what happens.
 */
export class BareMailbox<M, R> {
  readonly #handler: (message: M) => R | Promise<R>;
  readonly #queue: Waiting<M, R>[] = [];
  #pumping = false;

  constructor(handler: (message: M) => R | Promise<R>) {
    this.#handler = handler;
  }

  tell(message: M): void {
    this.#queue.push({ message });
    this.#wake();
  }

  ask(message: M): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ message, resolve, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => void this.#pump());
  }

  async #pump(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      try {
        const value = await this.#handler(next.message);
        next.resolve?.(value);
      } catch (error) {
        next.reject?.(error);
      }
    }
    this.#pumping = false;
  }
}

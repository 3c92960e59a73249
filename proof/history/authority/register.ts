/** A write to a register: its value, when it was called, and from when on it can no longer take effect. Ms. */
export interface Write<V> {
  readonly value: V;
  readonly called: number;
  end: number;
}

/** One thing that calls change, and all that it may be: what is acknowledged takes the place of what was over before it was called. */
export class Register<V> {
  readonly #first: V;
  #writes: Write<V>[];

  constructor(first: V) {
    this.#first = first;
    this.#writes = [this.#begun(first)];
  }

  #begun(value: V): Write<V> {
    return { value, called: Number.NEGATIVE_INFINITY, end: Number.NEGATIVE_INFINITY };
  }

  /** What it may be; never empty. */
  get values(): V[] {
    return [...new Set(this.#writes.map(({ value }) => value))];
  }

  /** Whether it is known to be what it was at first, since nobody has written. */
  get isFirst(): boolean {
    return this.#writes.every(({ value }) => value === this.#first);
  }

  /** From here on it may be this. */
  call(value: V, at: number): Write<V> {
    const write = { value, called: at, end: Number.POSITIVE_INFINITY };
    this.#writes.push(write);
    return write;
  }

  /** It took effect between its call and `at`; another try of it may still until `end`. */
  acknowledged(write: Write<V>, end: number): void {
    write.end = end;
    this.#writes = this.#writes.filter((other) => other === write || other.end >= write.called);
  }

  /** It did not take effect, and will not. */
  refused(write: Write<V>): void {
    this.#writes = this.#writes.filter((other) => other !== write);
  }
}

import { memoryOf } from './process-usage.js';

/** Memory of a process over a time, by fifths of it: the second, when everything is warm, and the last. */
export class MemoryLevel {
  readonly #samples: number[][] = Array.from({ length: 5 }, () => []);
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number, seconds: number) {
    const begin = performance.now();
    this.#timer = setInterval(
      () => {
        const fifth = Math.floor(((performance.now() - begin) / 1000 / seconds) * 5);
        const memory = memoryOf(pid);
        if (memory) this.#samples[fifth]?.push(memory.rss);
      },
      Math.max(200, seconds * 10),
    );
  }

  /** Ends. MB in the second fifth and in the last; null where it could not be measured. */
  stop(): { second: number | null; last: number | null } {
    clearInterval(this.#timer);
    const mean = (values: readonly number[] | undefined): number | null =>
      values && values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length / 1e6 : null;
    return { second: mean(this.#samples[1]), last: mean(this.#samples[4]) };
  }
}

import { cpuSecondsOf } from './process-usage.js';

/** CPU seconds and time that processes take from here on. */
export class CpuWindow {
  readonly #pids: readonly number[];
  readonly #cpu: number;
  readonly #at = performance.now();

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#cpu = cpuSecondsOf(pids);
  }

  read(): { cpu: number; wall: number } {
    return { cpu: cpuSecondsOf(this.#pids) - this.#cpu, wall: (performance.now() - this.#at) / 1000 };
  }
}

import { createHash, type Hash } from 'node:crypto';
import type { Entry } from '../history/history.js';
import type { SimTime } from './sim-time.js';

type Unstamped<E> = E extends Entry ? Omit<E, 'at'> : never;

/** Writes the history of one run, and sums it up: two runs with the same sum went the same way. */
export class Recorder {
  readonly entries: Entry[] = [];
  readonly defects: { process: string; line: string }[] = [];
  readonly #time: SimTime;
  readonly #hash: Hash = createHash('sha256');
  #ops = 0;

  constructor(time: SimTime) {
    this.#time = time;
  }

  get ops(): number {
    return this.#ops;
  }

  nextOp(): number {
    return ++this.#ops;
  }

  record(entry: Unstamped<Entry>): void {
    const stamped = { ...entry, at: Math.round(this.#time.now * 1_000) / 1_000 } as Entry;
    this.entries.push(stamped);
    this.#hash.update(JSON.stringify(stamped));
  }

  /** When a fault was on, ms; one that did not end was on to the end. */
  timesOf(fault: string): { from: number; to: number }[] {
    const times: { from: number; to: number }[] = [];
    for (const entry of this.entries) {
      if (entry.kind !== 'fault' || entry.name !== fault) continue;
      if (entry.phase === 'begin') times.push({ from: entry.at, to: Number.POSITIVE_INFINITY });
      else for (const time of times) time.to = Math.min(time.to, entry.at);
    }
    return times;
  }

  defect(process: string, line: string): void {
    this.defects.push({ process, line });
  }

  /** The sum of all that was recorded. Ends the recording. */
  digest(): string {
    return this.#hash.update(`${this.#time.steps}/${this.#time.now}`).digest('hex').slice(0, 16);
  }
}

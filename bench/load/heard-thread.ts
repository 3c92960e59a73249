import { Latencies } from './latencies.js';
import type { Seen } from './packet-scan.js';

/** Latencies of all threads of one label. */
export interface LabelLatencies {
  each: Latencies;
  last: Latencies;
}

export const labelLatencies = (): LabelLatencies => ({ each: new Latencies(), last: new Latencies() });

/** A thread as the receivers of this process hear it. */
export class HeardThread {
  readonly id: string;
  receivers = 0;
  deliveries = 0;
  latencies: LabelLatencies;
  /** Receivers that a message has not reached, by its rev. */
  readonly #open = new Map<number, number>();

  constructor(id: string, latencies: LabelLatencies) {
    this.id = id;
    this.latencies = latencies;
  }

  heard(seen: Seen, now: number): void {
    this.deliveries += 1;
    const latency = now - seen.intendedUs;
    this.latencies.each.record(latency);
    const open = (this.#open.get(seen.rev) ?? this.receivers) - 1;
    if (open > 0) this.#open.set(seen.rev, open);
    else {
      this.#open.delete(seen.rev);
      this.latencies.last.record(latency);
    }
  }

  /** Counts begin anew. */
  reset(latencies: LabelLatencies): void {
    this.deliveries = 0;
    this.latencies = latencies;
    this.#open.clear();
  }
}

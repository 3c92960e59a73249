/** The figures of one second of a run. Latencies in ms; null where nothing was acknowledged. */
export interface Second {
  acknowledged: number;
  delivered: number;
  failed: number;
  p50: number | null;
  p99: number | null;
}

/** The value at a share (0 to 1) of sorted figures: the nearest rank. */
export const percentile = (sorted: readonly number[], share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;

interface Bucket {
  latencies: number[];
  delivered: number;
  failed: number;
}

/** Counts what happens, second by second. */
export class Timeline {
  readonly #buckets: Bucket[] = [];

  acknowledged(at: number, latencyMs: number): void {
    this.#at(at).latencies.push(latencyMs);
  }

  delivered(at: number): void {
    this.#at(at).delivered++;
  }

  failed(at: number): void {
    this.#at(at).failed++;
  }

  /** Acknowledged sends of the second before this one. */
  rate(at: number): number {
    return this.#buckets[Math.floor(at / 1000) - 1]?.latencies.length ?? 0;
  }

  seconds(): Second[] {
    return Array.from(this.#buckets, ({ latencies, delivered, failed }) => {
      const sorted = latencies.toSorted((a, b) => a - b);
      return { acknowledged: sorted.length, delivered, failed, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
    });
  }

  #at(at: number): Bucket {
    const second = Math.max(0, Math.floor(at / 1000));
    while (this.#buckets.length <= second) this.#buckets.push({ latencies: [], delivered: 0, failed: 0 });
    return this.#buckets[second]!;
  }
}

/**
 * Ms from `from` to the first of two seconds in a row in which the throughput is back: at least 70 % of `usual`. 0 when it was
 * never lower, null when it did not come back before `until`.
 */
export const recoveryMs = (seconds: readonly Second[], from: number, until: number, usual: number): number | null => {
  const isBack = (second: number): boolean => (seconds[second]?.acknowledged ?? 0) >= 0.7 * usual;
  const first = Math.ceil(from / 1000);
  for (let second = first; (second + 1) * 1000 <= until; second++)
    if (isBack(second) && isBack(second + 1)) return second === first ? 0 : second * 1000 - from;
  return null;
};

/** The throughput of an undisturbed second: the median of those in [from, until). */
export const usualRate = (seconds: readonly Second[], from: number, until: number): number => {
  const rates = seconds.slice(Math.floor(from / 1000), Math.floor(until / 1000)).map((s) => s.acknowledged);
  return (
    percentile(
      rates.toSorted((a, b) => a - b),
      0.5,
    ) ?? 0
  );
};

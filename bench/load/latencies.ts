import * as hdr from 'hdr-histogram-js';

/** Latencies in microseconds, up to a minute, to three digits. */
export class Latencies {
  readonly #histogram: hdr.Histogram;

  constructor(histogram?: hdr.Histogram) {
    this.#histogram =
      histogram ??
      hdr.build({
        bitBucketSize: 32,
        autoResize: false,
        highestTrackableValue: 60_000_000,
        numberOfSignificantValueDigits: 3,
        useWebAssembly: false,
      });
  }

  /** What is longer than a minute counts as a minute. */
  record(microseconds: number): void {
    this.#histogram.recordValue(Math.min(Math.max(microseconds, 1), 59_000_000));
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** In milliseconds; null without any value. */
  percentile(percent: number): number | null {
    return this.count === 0 ? null : this.#histogram.getValueAtPercentile(percent) / 1000;
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  encode(): string {
    return hdr.encodeIntoCompressedBase64(this.#histogram);
  }

  static decode(text: string): Latencies {
    return new Latencies(hdr.decodeFromCompressedBase64(text, 32, false));
  }

  /** Of many processes. */
  static merged(texts: readonly string[]): Latencies {
    const all = new Latencies();
    for (const text of texts) all.add(Latencies.decode(text));
    return all;
  }
}

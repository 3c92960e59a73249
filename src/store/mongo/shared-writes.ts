import { Fault } from '../../kernel/errors.js';
import { Batcher, type BatcherOptions } from '../batcher.js';

type Bounds<T> = Pick<BatcherOptions<T, unknown>, 'key' | 'gapMs'> & { items: number };

/** What many write at once goes in one write, and all who share it fail with it: only for what may be written again. One at a time. */
export class SharedWrites<T> {
  readonly #batches: Batcher<T, 'stored' | Fault>;

  constructor(write: (items: readonly T[]) => Promise<void>, { items, ...rest }: Bounds<T>) {
    this.#batches = new Batcher<T, 'stored' | Fault>({
      run: (batch) =>
        write(batch).then(
          () => batch.map(() => 'stored'),
          (error: unknown) => batch.map(() => Fault.from(error)),
        ),
      lost: new Fault('overloaded', 'Too many writes wait for the store', { retry_after_ms: 1_000 }),
      bytes: () => 0,
      most: { items, bytes: Number.MAX_SAFE_INTEGER, inFlight: 1, queued: 50_000 },
      ...rest,
    });
  }

  /** Stored when it resolves. Throws what the write threw, or Fault `overloaded` when too many wait. */
  async add(items: readonly T[]): Promise<void> {
    const failed = (await this.#batches.add(items)).find((outcome) => outcome !== 'stored');
    if (failed) throw failed;
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    return this.#batches.idle();
  }
}

import { Fault } from '../../kernel/errors.js';
import { Batcher } from '../batcher.js';
import { oid } from './fields.js';

/**
 * So long a read waits at most for others, in ms: the more came together last, the longer, so that a crowd is looked up by few
 * commands, and one who asks alone is not kept.
 */
const gapMs = (items: number): number => Math.min(50, 20 * (Math.sqrt(items) - 1));
/** `bytes` bounds nothing here: keys are small, and so many answers are what one command may bring. */
const most = { items: 200, bytes: Number.MAX_SAFE_INTEGER, inFlight: 1, queued: 50_000 };

/** Documents in one answer, so that no read takes a second command for its rest. */
export const batchSize = 1_000;

/**
 * Looks up single records: those that are asked for in one turn, or while a command is under way, are found by one
 * command. A look-up begins after it was asked for, so it sees what was written before. What comes is shared by those who
 * asked for the same key, and must not be changed. Throws what `find` throws, or Fault `overloaded` when too many wait; an id
 * that is none throws for its asker alone.
 */
export class PointReads<R> {
  readonly #batches: Batcher<string, R | null | Fault>;

  /** `find` gets each key once, an id or a pair of ids, and answers what there is. */
  constructor(find: (keys: readonly string[]) => Promise<ReadonlyMap<string, R>>) {
    this.#batches = new Batcher<string, R | null | Fault>({
      run: (keys) =>
        find([...new Set(keys)]).then(
          (found) => keys.map((key) => found.get(key) ?? null),
          (error: unknown) => keys.map(() => Fault.from(error)),
        ),
      lost: new Fault('overloaded', 'Too many reads wait for the store', { retry_after_ms: 1_000 }),
      bytes: () => 0,
      gapMs,
      most,
    });
  }

  async get(...ids: readonly [string, string?]): Promise<R | null> {
    for (const id of ids) oid(id!);
    const [found] = await this.#batches.add([ids.join(' ')]);
    if (found instanceof Fault) throw found;
    return found!;
  }

  /** Of many keys what there is. They need not be ids. */
  async all(keys: readonly string[]): Promise<Map<string, R>> {
    const found = await this.#batches.add(keys);
    const there = new Map<string, R>();
    for (const [at, one] of found.entries()) {
      if (one instanceof Fault) throw one;
      if (one !== null) there.set(keys[at]!, one);
    }
    return there;
  }
}

/** What is said of threads that are not as they must be: so many, and then how many more. */
const most = 10;

interface Thread {
  /** The last seq that was there when the backup began. */
  upTo: number;
  /** Seqs up to here were cleared away with the thread; unknown until the thread itself was seen. */
  floor: number | undefined;
  count: number;
  sum: number;
}

/** The sum of all from 1 to n. */
const sumTo = (n: number): number => (n * (n + 1)) / 2;

/**
 * Whether the messages of each thread are numbered without a hole as far as they went when a backup began: how many numbers there are,
 * and their sum, tell. First come the heads, then the threads, then the messages, in any order. Some 100 bytes a thread are kept.
 */
export class Numbering {
  readonly #threads = new Map<string, Thread>();

  /** At the beginning the thread's messages went up to here. */
  head(threadId: string, upTo: number): void {
    this.#threads.set(threadId, { upTo, floor: undefined, count: 0, sum: 0 });
  }

  /** The thread as it is in the backup; what was deleted meanwhile may have no messages any more. */
  thread(threadId: string, floor: number, isDeleted: boolean): void {
    const thread = this.#threads.get(threadId);
    if (thread) thread.floor = isDeleted ? thread.upTo : Math.min(floor, thread.upTo);
  }

  message(threadId: string, seq: number): void {
    const thread = this.#threads.get(threadId);
    if (!thread || seq > thread.upTo || seq <= (thread.floor ?? 0)) return;
    thread.count++;
    thread.sum += seq;
  }

  /** In words. */
  problems(): string[] {
    const problems: string[] = [];
    let more = 0;
    for (const [id, thread] of this.#threads) {
      const problem = problemOf(thread);
      if (problem === undefined) continue;
      if (problems.length < most) problems.push(`thread ${id} ${problem}`);
      else more++;
    }
    return more > 0 ? [...problems, `and so it is with ${more} more threads`] : problems;
  }
}

const problemOf = ({ upTo, floor, count, sum }: Thread): string | undefined => {
  if (floor === undefined) return 'was there at the beginning and is not in the backup';
  const missing = upTo - floor - count;
  if (missing > 0) return `lacks ${missing} of its messages up to number ${upTo}, which was there at the beginning`;
  return missing < 0 || sum !== sumTo(upTo) - sumTo(floor) ? `has two messages of one number up to ${upTo}` : undefined;
};

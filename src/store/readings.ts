import { LRUCache } from 'lru-cache';
import type { Clock } from '../kernel/clock.js';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import type { ReadRecord, Store, ThreadRecord } from './contracts.js';
import { knownMark, type Reading, unreadAfter } from './unread.js';

interface Deps {
  store: Pick<Store, 'reads' | 'messages'>;
  clock: Pick<Clock, 'now'>;
}

/** Counts of deleted messages that one node remembers. */
const remembered = 20_000;

/**
 * What is read and unread for one member in lists of threads. As a rule that is one read of the store for all of a
 * page, and arithmetic. More is read only for threads that were there before the member joined (or marked all as read),
 * and went on after it: once, it is kept. And for those in which something came after the mark and something was
 * deleted: once for each head of the thread.
 */
export class Readings {
  readonly #deps: Deps;
  readonly #deleted = new LRUCache<string, number>(entriesAtMost(remembered));

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** By thread. `sinceIn`: what came in a community until then is not unread, ms; see Access. */
  async of(
    memberId: string,
    threads: readonly ThreadRecord[],
    sinceIn: (communityId: string) => number | undefined,
  ): Promise<ReadonlyMap<string, Reading>> {
    const marks = await this.#marks(memberId, threads, sinceIn);
    const readings = threads.map(async (thread) => {
      const read_seq = marks.get(thread.id)!;
      return [thread.id, { read_seq, unread_count: await this.#unreadAfter(thread, read_seq) }] as const;
    });
    return new Map(await Promise.all(readings));
  }

  async #marks(
    memberId: string,
    threads: readonly ThreadRecord[],
    sinceIn: (communityId: string) => number | undefined,
  ): Promise<Map<string, number>> {
    const { reads, messages } = this.#deps.store;
    const ids = threads.map(({ id }) => id);
    const records = new Map((await reads.forMember(memberId, ids)).map((read) => [read.thread_id, read]));
    const at = this.#deps.clock.now();
    const marks = new Map<string, number>();
    const found: ReadRecord[] = [];
    const mark = async (thread: ThreadRecord): Promise<void> => {
      const read = records.get(thread.id) ?? null;
      const since = sinceIn(thread.community_id);
      let seq = knownMark(thread, read, since);
      if (seq === undefined) {
        seq = Math.max(read?.seq ?? 0, await messages.seqAt(thread.id, since!));
        found.push({ thread_id: thread.id, member_id: memberId, seq, at, is_quiet: true });
      }
      marks.set(thread.id, seq);
    };
    await Promise.all(threads.map(mark));
    // They are records from now on. One that cannot be stored is found again.
    if (found.length > 0) await reads.raise(found).catch(() => undefined);
    return marks;
  }

  #unreadAfter(thread: ThreadRecord, readSeq: number): Promise<number> {
    const { messages } = this.#deps.store;
    return unreadAfter(
      {
        countDeleted: async (id, place, most) => {
          const key = `${id} ${place.after} ${place.upTo} ${thread.head_rev}`;
          const known = this.#deleted.get(key);
          if (known !== undefined) return known;
          const count = await messages.countDeleted(id, place, most);
          this.#deleted.set(key, count);
          return count;
        },
      },
      thread,
      readSeq,
    );
  }
}

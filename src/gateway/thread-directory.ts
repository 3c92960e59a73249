import { LRUCache } from 'lru-cache';
import { isClosedThread } from '../authority/closure.js';
import { nothingThere } from '../authority/decide.js';
import type { OverrideRecord } from '../authority/overrides.js';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import type { ThreadRepository } from '../store/contracts.js';

/** Where a thread is, with its overrides as they are stored. */
export interface ThreadPlace {
  community_id: string;
  overrides?: readonly OverrideRecord[] | undefined;
}

/**
 * To which community a thread belongs. That never changes, so of open threads it is remembered; whether a thread is still there is not.
 * A closed one is read each time: whoever may not view it causes what an id causes that never was. A crowd that asks for one
 * thread at once costs one read.
 */
export class ThreadDirectory {
  readonly #threads: Pick<ThreadRepository, 'byId'>;
  readonly #known: LRUCache<string, string>;
  readonly #asked = new Map<string, Promise<ThreadPlace>>();
  /** Grows whenever one may have been closed: what was read before is not remembered. */
  #turn = 0;

  constructor(threads: Pick<ThreadRepository, 'byId'>, size = 100_000) {
    this.#threads = threads;
    this.#known = new LRUCache(entriesAtMost(size));
  }

  /** Whether it is known to be open, as it was when it was last read here. */
  isOpen(threadId: string): boolean {
    return this.#known.has(threadId);
  }

  /** It may have been closed. */
  forget(threadId: string): void {
    this.#known.delete(threadId);
    this.#turn++;
    // What is being read may be older than that.
    this.#asked.delete(threadId);
  }

  /** The same, read anew. */
  async fresh(threadId: string): Promise<ThreadPlace> {
    const turn = this.#turn;
    return this.#read(threadId, () => this.#turn === turn);
  }

  async communityOf(threadId: string): Promise<string> {
    return (await this.placeOf(threadId)).community_id;
  }

  /**
   * Overrides are left out where it is known to be open. Rejects with `not_found` when there is no such thread, or it was deleted before
   * this was first asked.
   */
  async placeOf(threadId: string): Promise<ThreadPlace> {
    const community_id = this.#known.get(threadId);
    if (community_id !== undefined) return { community_id };
    const before = this.#asked.get(threadId);
    if (before) return before;
    const asked: Promise<ThreadPlace> = this.#read(threadId, () => this.#asked.get(threadId) === asked).finally(() => {
      if (this.#asked.get(threadId) === asked) this.#asked.delete(threadId);
    });
    this.#asked.set(threadId, asked);
    return asked;
  }

  async #read(threadId: string, isNewest: () => boolean): Promise<ThreadPlace> {
    const record = await this.#threads.byId(threadId);
    if (!record || record.deleted_at !== null) throw nothingThere();
    const { community_id, overrides } = record;
    if (isNewest() && !isClosedThread(record)) this.#known.set(threadId, community_id);
    return { community_id, overrides };
  }
}

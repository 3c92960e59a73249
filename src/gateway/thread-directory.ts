import { LRUCache } from 'lru-cache';
import { Fault } from '../kernel/errors.js';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import type { ThreadRepository } from '../store/contracts.js';

/**
 * To which community a thread belongs. That never changes, so it is remembered; whether the thread is still there is not. A crowd
 * that asks for one thread at once costs one read.
 */
export class ThreadDirectory {
  readonly #threads: Pick<ThreadRepository, 'byId'>;
  readonly #known: LRUCache<string, string>;
  readonly #asked = new Map<string, Promise<string>>();

  constructor(threads: Pick<ThreadRepository, 'byId'>, size = 20_000) {
    this.#threads = threads;
    this.#known = new LRUCache(entriesAtMost(size));
  }

  /** Rejects with `not_found` when there is no such thread, or it was deleted before this was first asked. */
  async communityOf(threadId: string): Promise<string> {
    const known = this.#known.get(threadId) ?? this.#asked.get(threadId);
    if (known !== undefined) return known;
    const asked = this.#read(threadId).finally(() => this.#asked.delete(threadId));
    this.#asked.set(threadId, asked);
    return asked;
  }

  async #read(threadId: string): Promise<string> {
    const record = await this.#threads.byId(threadId);
    if (!record || record.deleted_at !== null) throw new Fault('not_found', 'There is no such community, thread or message');
    this.#known.set(threadId, record.community_id);
    return record.community_id;
  }
}

import type { ThreadRecord, ThreadRepository } from './contracts.js';

/** Threads that are not deleted, each read once a request. */
export class LivingThreads {
  readonly #store: Pick<ThreadRepository, 'byIds'>;
  readonly #threads = new Map<string, ThreadRecord | null>();

  constructor(store: Pick<ThreadRepository, 'byIds'>) {
    this.#store = store;
  }

  async read(ids: readonly string[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.#threads.has(id));
    if (missing.length === 0) return;
    for (const id of missing) this.#threads.set(id, null);
    for (const thread of await this.#store.byIds(missing)) if (thread.deleted_at === null) this.#threads.set(thread.id, thread);
  }

  /** Of those that were read. */
  get(id: string): ThreadRecord | undefined {
    return this.#threads.get(id) ?? undefined;
  }
}

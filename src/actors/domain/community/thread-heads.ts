import type { Thread } from '../../../protocol/resources.js';
import type { ThreadRepository } from '../../../store/contracts.js';

/**
 * Where the community's threads stand, gathered from their actors and written and shown a few times a second at most. Lost
 * with a crash, the figures are repaired by the thread's next activation.
 */
export class ThreadHeads {
  #dirty = new Map<string, Thread>();
  /** Noted as open, perhaps, and closed since. */
  readonly #closed = new Set<string>();

  constructor(
    private readonly threads: ThreadRepository,
    /** `isClosed`: to those alone who may view it. */
    private readonly show: (thread: Thread, isClosed: boolean) => void,
  ) {}

  /** True when this is the first since the last flush. */
  note(thread: Thread): boolean {
    const first = this.#dirty.size === 0;
    this.#dirty.set(thread.id, thread);
    return first;
  }

  forget(threadId: string): void {
    this.#dirty.delete(threadId);
    this.#closed.delete(threadId);
  }

  /** It is being closed: from here on nothing of it is shown to all, however long what was noted before has waited. */
  closes(threadId: string): void {
    this.#closed.add(threadId);
  }

  /** Rejects when the store does not take them; they are kept for the next flush. */
  async flush(): Promise<void> {
    const dirty = this.#dirty;
    if (dirty.size === 0) return;
    this.#dirty = new Map();
    const heads = [...dirty.values()].map((t) => ({
      id: t.id,
      last_seq: t.last_seq,
      head_rev: t.head_rev,
      message_count: t.message_count,
      last_activity: Date.parse(t.last_activity),
    }));
    try {
      await this.threads.setHeads(heads);
    } catch (error) {
      this.#dirty = new Map([...dirty, ...this.#dirty]);
      throw error;
    }
    for (const thread of dirty.values()) {
      const isKnown = thread.is_closed === true;
      this.show(thread, isKnown || this.#closed.has(thread.id));
      if (isKnown) this.#closed.delete(thread.id);
    }
  }
}

import type { Thread } from '../../../protocol/resources.js';
import type { ThreadRepository } from '../../../store/contracts.js';

/**
 * Where the community's threads stand, gathered from their actors and written and shown a few times a second at most. Lost
 * with a crash, the figures are repaired by the thread's next activation.
 */
export class ThreadHeads {
  #dirty = new Map<string, Thread>();

  constructor(
    private readonly threads: ThreadRepository,
    private readonly show: (thread: Thread) => void,
  ) {}

  /** True when this is the first since the last flush. */
  note(thread: Thread): boolean {
    const first = this.#dirty.size === 0;
    this.#dirty.set(thread.id, thread);
    return first;
  }

  forget(threadId: string): void {
    this.#dirty.delete(threadId);
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
    for (const thread of dirty.values()) this.show(thread);
  }
}

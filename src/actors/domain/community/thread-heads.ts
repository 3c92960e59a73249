import type { Thread } from '../../../protocol/resources.js';
import type { ThreadRepository } from '../../../store/contracts.js';

interface Noted {
  thread: Thread;
  closings: number;
}

/**
 * Where the community's threads stand, gathered from their actors and written and shown a few times a second at most. Lost
 * with a crash, the figures are repaired by the thread's next activation.
 */
export class ThreadHeads {
  #dirty = new Map<string, Noted>();
  /** By thread the newest closing that was announced, until figures come that know how it ended. */
  readonly #closing = new Map<string, number>();

  constructor(
    private readonly threads: ThreadRepository,
    /** `isClosed`: to those alone who may view it. */
    private readonly show: (thread: Thread, isClosed: boolean) => void,
  ) {}

  /** True when this is the first since the last flush. `closings`: they know how these have ended, of those that the thread announced. */
  note(thread: Thread, closings: number): boolean {
    const first = this.#dirty.size === 0;
    this.#dirty.set(thread.id, { thread, closings });
    return first;
  }

  forget(threadId: string): void {
    this.#dirty.delete(threadId);
    this.#closing.delete(threadId);
  }

  /**
   * It is being closed: from here on nothing of it is shown to all, however long what was noted before has waited, or is under way, until
   * figures come from after this closing: what they say of the thread holds, whether it was closed, or opened again.
   */
  closes(threadId: string, closing: number): void {
    this.#closing.set(threadId, Math.max(closing, this.#closing.get(threadId) ?? 0));
  }

  /** Rejects when the store does not take them; they are kept for the next flush. */
  async flush(): Promise<void> {
    const dirty = this.#dirty;
    if (dirty.size === 0) return;
    this.#dirty = new Map();
    const heads = [...dirty.values()].map(({ thread: t }) => ({
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
    for (const { thread, closings } of dirty.values()) {
      const closing = this.#closing.get(thread.id);
      // A node of an earlier version does not say which closings it knows: that counts as older.
      const isOlder = closing !== undefined && !(closings >= closing);
      this.show(thread, isOlder || thread.is_closed === true);
      if (!isOlder) this.#closing.delete(thread.id);
    }
  }
}

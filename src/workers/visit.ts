import type { Clock } from '../kernel/clock.js';
import type { Consumer, MessageRecord, Store, ThreadRecord } from '../store/contracts.js';

/** What a consumer makes of changes. */
export interface Follower {
  readonly consumer: Consumer;
  /**
   * Whether what it writes could be older than what a visit beside it wrote: then each visit reads once more after its last
   * write, so that the newest state is written last, whoever writes it.
   */
  readonly overwrites: boolean;
  /** Works off changes, of each message its present state. Harmless when repeated. */
  follow(changes: readonly Changes[]): Promise<void>;
  /** Threads that were looked at, after their changes were worked off; `first`: never looked at before. */
  settled?(threads: readonly { thread: ThreadRecord; first: boolean }[]): Promise<void>;
}

export interface Changes {
  thread: ThreadRecord;
  messages: MessageRecord[];
}

/** A thread that could not be worked off. */
export interface Failure {
  thread_id: string;
  error: unknown;
}

interface Open {
  thread: ThreadRecord;
  rev: number;
}

/** Changes that are read and worked off at once: so long nothing else in the process has its turn. */
const pageSize = 200;
const longestRestMs = 5_000;
/** More threads than this failing together means that it is not the threads. */
const failuresAtOnce = 2;

/**
 * Brings a consumer level with threads: asks the store what changed after the rev that is done, has it worked off, marks it.
 * A crash in between repeats the last step and no more.
 */
export class Visitor {
  constructor(
    private readonly store: Pick<Store, 'threads' | 'messages' | 'search'>,
    private readonly follower: Follower,
    private readonly clock: Clock,
    /**
     * Rests so many times as long as it worked, so that it never takes a processor for itself; asked before each rest, with the age
     * in ms of the oldest message that it worked off.
     */
    private readonly rest: (ageMs: number) => number = () => 1,
  ) {}

  get consumer(): Consumer {
    return this.follower.consumer;
  }

  /** Answers the threads that failed by themselves, the others are done. Rejects when hardly anything goes. */
  async visit(threadIds: readonly string[]): Promise<Failure[]> {
    const done = await this.store.search.progress(this.follower.consumer, threadIds);
    const threads = (await this.store.threads.byIds(threadIds)).filter((thread) => thread.deleted_at === null);
    const failed = new Map<string, Failure>();
    let open: Open[] = threads.map((thread) => ({ thread, rev: done.get(thread.id) ?? 0 }));
    while (open.length > 0) {
      const { changes, next } = await this.#read(open);
      for (const failure of await this.#follow(changes)) failed.set(failure.thread_id, failure);
      open = next.filter(({ thread }) => !failed.has(thread.id));
    }
    const level = threads.filter((thread) => !failed.has(thread.id));
    await this.follower.settled?.(level.map((thread) => ({ thread, first: (done.get(thread.id) ?? 0) === 0 })));
    return [...failed.values()];
  }

  /** The next changes of the open threads, and which threads must be read again after them. */
  async #read(open: readonly Open[]): Promise<{ changes: Changes[]; next: Open[] }> {
    const found = new Map<string, MessageRecord[]>();
    const page = await this.store.messages.changedInThreads(
      open.map(({ thread, rev }) => ({ thread_id: thread.id, rev })),
      pageSize,
    );
    for (const message of page) {
      const messages = found.get(message.thread_id);
      if (messages) messages.push(message);
      else found.set(message.thread_id, [message]);
    }
    /** From this thread on, by id, there may be more. */
    const cut = page.length === pageSize ? page.at(-1)!.thread_id : undefined;
    const changes: Changes[] = [];
    const next: Open[] = [];
    for (const { thread, rev } of open) {
      const messages = found.get(thread.id);
      if (messages) changes.push({ thread, messages });
      const isOpen = (cut !== undefined && thread.id >= cut) || (messages && this.follower.overwrites);
      if (isOpen) next.push({ thread, rev: messages?.at(-1)?.rev ?? rev });
    }
    return { changes, next };
  }

  /** Works off and marks; when that fails, thread by thread, to find out which it is. */
  async #follow(changes: readonly Changes[]): Promise<Failure[]> {
    if (changes.length === 0) return [];
    const begun = this.clock.monotonic();
    const failed: Failure[] = [];
    try {
      await this.#followAll(changes);
    } catch (error) {
      if (changes.length === 1) failed.push({ thread_id: changes[0]!.thread.id, error });
      else failed.push(...(await this.#oneByOne(changes)));
    }
    const oldest = changes.reduce((least, { messages }) => Math.min(least, messages[0]!.created_at), Number.POSITIVE_INFINITY);
    const restMs = Math.min(longestRestMs, (this.clock.monotonic() - begun) * this.rest(this.clock.now() - oldest));
    if (restMs > 0) await this.clock.sleep(restMs);
    return failed;
  }

  async #oneByOne(changes: readonly Changes[]): Promise<Failure[]> {
    const failed: Failure[] = [];
    for (const one of changes) {
      try {
        await this.#followAll([one]);
      } catch (error) {
        failed.push({ thread_id: one.thread.id, error });
        if (failed.length > failuresAtOnce) throw error;
      }
    }
    return failed;
  }

  async #followAll(changes: readonly Changes[]): Promise<void> {
    await this.follower.follow(changes);
    await this.store.search.setProgress(
      this.follower.consumer,
      changes.map(({ thread, messages }) => ({ thread_id: thread.id, rev: messages.at(-1)!.rev })),
    );
  }
}

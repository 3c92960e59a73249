import type { Clock } from '../kernel/clock.js';
import type { Consumer, Mark, MessageRecord, Store, ThreadRecord } from '../store/contracts.js';

/** What a consumer makes of changes. */
export interface Follower {
  readonly consumer: Consumer;
  /** Of which state of the thread what was made of it counts: of a later one it begins anew. Always the same when absent. */
  asOf?(thread: ThreadRecord): number;
  /** Before threads are worked off from their beginnings, of a later state than the last time. Harmless when repeated. */
  begin?(threads: readonly ThreadRecord[]): Promise<void>;
  /**
   * Works off changes, of each message the state it was read in. Harmless when repeated, and when another does so with a later state
   * meanwhile: what is older must not be left standing over what is newer.
   */
  follow(changes: readonly Changes[]): Promise<void>;
  /** Threads that were looked at, after the changes that were read of them were worked off; `first`: never looked at before. */
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

/** What became of a visit's threads; those that are named nowhere are level with what the store held when they were read. */
export interface Visit {
  failed: Failure[];
  /** Not read to their ends, so that others have their turn: to be visited again. */
  unfinished: string[];
}

interface Open {
  thread: ThreadRecord;
  rev: number;
}

/** Changes that are read and worked off at once: so long nothing else in the process has its turn. */
const pageSize = 200;
/** Pages of one visit. */
const pagesAtMost = 25;
const longestRestMs = 5_000;
/** More threads than this failing together means that it is not the threads. */
const failuresAtOnce = 2;

/**
 * Brings a consumer level with threads: asks the store what changed after the rev that is done, has it worked off, marks it.
 * A crash in between repeats the last step and no more. What changes meanwhile is the next visit's: whoever changes it says so.
 */
export class Visitor {
  constructor(
    private readonly store: Pick<Store, 'threads' | 'messages' | 'search'>,
    private readonly follower: Follower,
    private readonly clock: Clock,
    /**
     * Rests so many times as long as it worked, so that it never takes a processor for itself; asked before each rest, with how far
     * it is behind in ms: the age of the oldest new message of the visit, and at least what the visit itself has waited.
     */
    private readonly rest: (ageMs: number) => number = () => 1,
  ) {}

  get consumer(): Consumer {
    return this.follower.consumer;
  }

  /** `waitedMs`: since it was asked for. Rejects when hardly anything goes. */
  async visit(threadIds: readonly string[], waitedMs = 0): Promise<Visit> {
    const done = await this.store.search.progress(this.follower.consumer, threadIds);
    const threads = (await this.store.threads.byIds(threadIds)).filter((thread) => thread.deleted_at === null);
    const failed = new Map<string, Failure>();
    let oldest = this.clock.now() - waitedMs;
    const since = await this.#begin(threads, done);
    let open: Open[] = threads.map((thread) => ({ thread, rev: since.get(thread.id)! }));
    for (let pages = 0; open.length > 0 && pages < pagesAtMost; pages++) {
      const { changes, next } = await this.#read(open);
      oldest = Math.min(oldest, firstWritten(changes));
      for (const failure of await this.#follow(changes, oldest)) failed.set(failure.thread_id, failure);
      open = next.filter(({ thread }) => !failed.has(thread.id));
    }
    const unfinished = open.map(({ thread }) => thread.id);
    const followed = threads.filter(({ id }) => !failed.has(id));
    await this.follower.settled?.(followed.map((thread) => ({ thread, first: since.get(thread.id) === 0 })));
    return { failed: [...failed.values()], unfinished };
  }

  /** From which rev on each thread is to be worked off. One that is to be done anew is marked so when it may begin, and no sooner. */
  async #begin(threads: readonly ThreadRecord[], done: ReadonlyMap<string, Mark>): Promise<Map<string, number>> {
    const anew = threads.filter((thread) => this.#asOf(thread) > (done.get(thread.id)?.scope_since ?? 0));
    if (anew.length > 0) {
      await this.follower.begin?.(anew);
      const marks = anew.map((thread) => ({ thread_id: thread.id, rev: 0, scope_since: this.#asOf(thread) }));
      await this.store.search.setProgress(this.follower.consumer, marks);
    }
    const isAnew = new Set(anew);
    return new Map(threads.map((thread) => [thread.id, isAnew.has(thread) ? 0 : (done.get(thread.id)?.rev ?? 0)]));
  }

  #asOf(thread: ThreadRecord): number {
    return this.follower.asOf?.(thread) ?? 0;
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
    const changes = open.flatMap(({ thread }) => {
      const messages = found.get(thread.id);
      return messages ? [{ thread, messages }] : [];
    });
    if (page.length < pageSize) return { changes, next: [] };
    /** From this thread on, by id, there may be more. */
    const cut = page.at(-1)!.thread_id;
    const next = open
      .filter(({ thread }) => thread.id >= cut)
      .map(({ thread, rev }) => ({ thread, rev: found.get(thread.id)?.at(-1)?.rev ?? rev }));
    return { changes, next };
  }

  /** Works off and marks; when that fails, thread by thread, to find out which it is. */
  async #follow(changes: readonly Changes[], oldest: number): Promise<Failure[]> {
    if (changes.length === 0) return [];
    const begun = this.clock.monotonic();
    const failed: Failure[] = [];
    try {
      await this.#followAll(changes);
    } catch (error) {
      if (changes.length === 1) failed.push({ thread_id: changes[0]!.thread.id, error });
      else failed.push(...(await this.#oneByOne(changes)));
    }
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
      changes.map(({ thread, messages }) => ({ thread_id: thread.id, rev: messages.at(-1)!.rev, scope_since: this.#asOf(thread) })),
    );
  }
}

/** When the first of the messages was written that are as they were then; what was changed since tells nothing of a delay. */
const firstWritten = (changes: readonly Changes[]): number => {
  let first = Number.POSITIVE_INFINITY;
  for (const { messages } of changes)
    for (const { created_at, edited_at, deleted_at, reactions } of messages)
      if (edited_at === null && deleted_at === null && reactions.length === 0) first = Math.min(first, created_at);
  return first;
};

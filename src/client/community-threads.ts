import type { Thread } from '../protocol/resources.js';
import type { CommunityChange } from './community-events.js';
import {
  type CommunityState,
  isUncertain,
  isUncertainAfterRead,
  withAllRead,
  withoutThread,
  withRead,
  withThreads,
} from './community-state.js';
import { FreshThreads } from './fresh-threads.js';
import type { CommunityPort } from './port.js';

const mostGone = 1_000;

export interface CommunityThreadsParts {
  state(): CommunityState;
  change(change: CommunityChange): void;
  /** Over how long those who ask at the same moment spread themselves, ms. */
  spreadMs(): number;
}

/**
 * The threads in a community's list: what is told of them, what of that has to be asked for, and what of them oneself
 * has read.
 */
export class CommunityThreads {
  readonly #parts: CommunityThreadsParts;
  readonly #fresh: FreshThreads;
  /** How far this client has read, which a list that was asked for earlier does not know yet. */
  readonly #read = new Map<string, number>();
  /** Threads that were taken from the list, the last ones. */
  readonly #gone = new Set<string>();
  /** Of those, some that may be there for oneself all the same. */
  readonly #doubted = new Set<string>();

  constructor({ clock, random, operations }: Pick<CommunityPort, 'clock' | 'random' | 'operations'>, parts: CommunityThreadsParts) {
    this.#parts = parts;
    this.#fresh = new FreshThreads({
      clock,
      random,
      spreadMs: () => parts.spreadMs(),
      ask: (id) => operations.getThread({ thread_id: id }),
      took: (thread) => this.#took(thread),
      missed: (threadId) => this.gone(threadId),
    });
  }

  get read(): ReadonlyMap<string, number> {
    return this.#read;
  }

  /** All is read anew, or nobody looks any more: nothing is left to ask for. */
  forget(): void {
    this.#fresh.forget();
    this.#doubted.clear();
  }

  made(thread: Thread): void {
    this.#gone.delete(thread.id);
    this.heard(thread);
  }

  heard(thread: Thread): void {
    if (this.#gone.has(thread.id)) {
      // An event from before that is late; or it has come back.
      this.#doubt(thread.id);
      return;
    }
    this.#parts.change((state) => {
      if (isUncertain(state, thread)) this.#fresh.want(thread.id);
      return withThreads(state, [thread]);
    });
  }

  /** It is not there (any more) for oneself. */
  gone(threadId: string): void {
    this.#fresh.drop(threadId);
    this.#gone.add(threadId);
    for (const oldest of this.#gone) {
      if (this.#gone.size <= mostGone) break;
      this.#gone.delete(oldest);
    }
    this.#doubted.delete(threadId);
    this.#parts.change((state) => withoutThread(state, threadId));
  }

  /**
   * They were deleted or closed. One that was closed may be there for oneself still: it comes back, if no event says
   * before that it is gone.
   */
  lost(threadIds: readonly string[]): void {
    for (const { id, is_closed } of this.#parts.state().threads) {
      if (is_closed || !threadIds.includes(id)) continue;
      this.gone(id);
      this.#doubt(id);
    }
  }

  /** Oneself has read a thread up to seq. */
  readTo(threadId: string, seq: number): void {
    if (seq <= (this.#read.get(threadId) ?? 0)) return;
    this.#read.set(threadId, seq);
    if (isUncertainAfterRead(this.#parts.state(), threadId, seq)) this.#fresh.want(threadId);
    this.#parts.change((state) => withRead(state, threadId, seq));
  }

  /** Oneself has read all that came until a time, ms. */
  readAll(at: number): void {
    this.#parts.change((state) => withAllRead(state, at));
    for (const { id, me } of this.#parts.state().threads) if (me?.unread_count !== 0) this.#fresh.want(id);
  }

  #doubt(threadId: string): void {
    this.#doubted.add(threadId);
    this.#fresh.want(threadId);
  }

  /** An answer for oneself; it may be older than what one has read since it was asked for. */
  #took(thread: Thread): void {
    const held = this.#parts.state().threads.find(({ id }) => id === thread.id);
    if (!held && !this.#doubted.delete(thread.id)) return;
    this.#gone.delete(thread.id);
    if (held && thread.head_rev < held.head_rev) this.#fresh.want(thread.id);
    const seq = this.#read.get(thread.id) ?? 0;
    this.#parts.change((state) => withRead(withThreads(state, [thread]), thread.id, seq));
  }
}

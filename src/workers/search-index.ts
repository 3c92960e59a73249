import { LRUCache } from 'lru-cache';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import { scopeOf } from '../store/closing.js';
import type { MessageRecord, SearchRecord, Store, ThreadRecord } from '../store/contracts.js';
import type { Changes, Follower } from './visit.js';

/** `thread`: the message's, as it was read before. */
export const messageDocument = (m: MessageRecord, thread: ThreadRecord): SearchRecord => ({
  id: m.id,
  ...scopeOf(thread),
  kind: 'message',
  community_id: m.community_id,
  thread_id: m.thread_id,
  author: m.author,
  created_at: m.created_at,
  seq: m.seq,
  rev: m.rev,
  text: m.content,
});

const threadDocument = (t: ThreadRecord): SearchRecord => ({
  id: t.id,
  ...scopeOf(t),
  kind: 'thread',
  community_id: t.community_id,
  thread_id: t.id,
  author: t.created_by,
  created_at: t.created_at,
  seq: 0,
  rev: 0,
  text: t.content === null ? t.title : `${t.title}\n${t.content}`,
});

const isSame = (a: ThreadRecord, b: ThreadRecord): boolean =>
  a.title === b.title && a.content === b.content && a.scope_since === b.scope_since;
const stateOf = ({ updated_at, scope_since = 0 }: ThreadRecord): string => `${updated_at} ${scope_since}`;

/**
 * Keeps the search index equal to the store: living messages, and each thread's title and opening text, each under the scope that its
 * thread has. One that was closed or opened is taken out and indexed anew from its beginning.
 */
export class SearchIndex implements Follower {
  readonly consumer = 'search';
  /** Of which state a thread's own document was written by this process last, to spare writing it with every message. */
  readonly #written = new LRUCache<string, string>(entriesAtMost(20_000));

  constructor(private readonly store: Pick<Store, 'search' | 'threads'>) {}

  asOf({ scope_since = 0 }: ThreadRecord): number {
    return scope_since;
  }

  /** A thread was closed or opened: what was indexed before is for others. */
  async begin(threads: readonly ThreadRecord[]): Promise<void> {
    for (const thread of threads) await this.store.search.removeBefore(thread.id, this.asOf(thread));
  }

  async follow(changes: readonly Changes[]): Promise<void> {
    const messages = changes.flatMap(({ thread, messages }) => messages.map((m) => ({ thread, m })));
    const living = messages.filter(({ m }) => m.deleted_at === null);
    const gone = messages.filter(({ m }) => m.deleted_at !== null);
    if (living.length > 0) await this.store.search.index(living.map(({ m, thread }) => messageDocument(m, thread)));
    if (gone.length > 0) await this.store.search.remove(gone.map(({ m, thread }) => ({ ...m, scope_since: this.asOf(thread) })));
  }

  /** Writes what changed of the threads themselves, and takes back what was written of threads that were deleted meanwhile. */
  async settled(visited: readonly { thread: ThreadRecord; first: boolean }[]): Promise<void> {
    let due = visited.filter(({ thread, first }) => first || this.#written.get(thread.id) !== stateOf(thread)).map(({ thread }) => thread);
    if (due.length > 0) await this.store.search.index(due.map(threadDocument));
    for (let attempt = 0; attempt < 5; attempt++) {
      const before = new Map(visited.map(({ thread }) => [thread.id, thread]));
      for (const thread of due) before.set(thread.id, thread);
      const now = await this.store.threads.byIds(visited.map(({ thread }) => thread.id));
      for (const thread of now) if (thread.deleted_at !== null) await this.store.search.removeByThread(thread.id);
      for (const thread of due) this.#written.set(thread.id, stateOf(thread));
      due = now.filter((thread) => thread.deleted_at === null && !isSame(thread, before.get(thread.id)!));
      if (due.length === 0) return;
      await this.store.search.index(due.map(threadDocument));
    }
  }
}

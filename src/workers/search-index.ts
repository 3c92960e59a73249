import { LRUCache } from 'lru-cache';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import type { MessageRecord, SearchRecord, Store, ThreadRecord } from '../store/contracts.js';
import type { Changes, Follower } from './visit.js';

export const messageDocument = (m: MessageRecord): SearchRecord => ({
  id: m.id,
  scope: m.community_id,
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
  scope: t.community_id,
  kind: 'thread',
  community_id: t.community_id,
  thread_id: t.id,
  author: t.created_by,
  created_at: t.created_at,
  seq: 0,
  rev: 0,
  text: t.content === null ? t.title : `${t.title}\n${t.content}`,
});

const sameText = (a: ThreadRecord, b: ThreadRecord): boolean => a.title === b.title && a.content === b.content;

/** Keeps the search index equal to the store: living messages, and each thread's title and opening text. */
export class SearchIndex implements Follower {
  readonly consumer = 'search';
  /** Of which state a thread's own document was written by this process last, to spare writing it with every message. */
  readonly #written = new LRUCache<string, number>(entriesAtMost(20_000));

  constructor(private readonly store: Pick<Store, 'search' | 'threads'>) {}

  async follow(changes: readonly Changes[]): Promise<void> {
    const messages = changes.flatMap((c) => c.messages);
    const living = messages.filter((m) => m.deleted_at === null);
    const gone = messages.filter((m) => m.deleted_at !== null);
    if (living.length > 0) await this.store.search.index(living.map(messageDocument));
    if (gone.length > 0) await this.store.search.remove(gone);
  }

  /** Writes what changed of the threads themselves, and takes back what was written of threads that were deleted meanwhile. */
  async settled(visited: readonly { thread: ThreadRecord; first: boolean }[]): Promise<void> {
    let due = visited
      .filter(({ thread, first }) => first || this.#written.get(thread.id) !== thread.updated_at)
      .map(({ thread }) => thread);
    if (due.length > 0) await this.store.search.index(due.map(threadDocument));
    for (let attempt = 0; attempt < 5; attempt++) {
      const before = new Map(visited.map(({ thread }) => [thread.id, thread]));
      for (const thread of due) before.set(thread.id, thread);
      const now = await this.store.threads.byIds(visited.map(({ thread }) => thread.id));
      for (const thread of now) if (thread.deleted_at !== null) await this.store.search.removeByThread(thread.id);
      for (const thread of due) this.#written.set(thread.id, thread.updated_at);
      due = now.filter((thread) => thread.deleted_at === null && !sameText(thread, before.get(thread.id)!));
      if (due.length === 0) return;
      await this.store.search.index(due.map(threadDocument));
    }
  }
}

import type { Address, Message } from '../../../src/actors/runtime/actor.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import type { MessageRecord, Present, SearchRepository, Store, ThreadRecord } from '../../../src/store/contracts.js';
import type { MemorySearch } from '../../../src/store/memory/search.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';

export const id = (n: number): string => n.toString(16).padStart(24, '0');
export const community = id(0xc0);
export const [ada, ben, cyd, eve] = [id(0xa1), id(0xa2), id(0xa3), id(0xa4)] as [string, string, string, string];

/** A thread's record. */
export const threadOf = (threadId: string, patch: Partial<ThreadRecord> = {}): ThreadRecord => ({
  id: threadId,
  community_id: community,
  title: 'A thread',
  content: null,
  created_by: ada,
  created_at: 1,
  updated_at: 1,
  last_activity: 1,
  is_pinned: false,
  tags: [],
  deleted_at: null,
  message_count: 0,
  last_seq: 0,
  head_rev: 0,
  floor_seq: 0,
  floor_rev: 0,
  ...patch,
});

/** A community of ada, ben and cyd (eve is a stranger), and a way to write messages as a thread's actor would. */
export class World {
  told: { to: Address; message: Message }[] = [];
  /** Whose ledgers were hinted at. */
  readonly hinted: string[] = [];
  readonly #heads = new Map<string, { seq: number; rev: number }>();

  constructor(
    readonly store: Store,
    readonly clock: { now(): number },
  ) {}

  readonly actors = {
    tell: (to: Address, message: Message): void => {
      if (message.type === 'has_untold') this.hinted.push(to.key);
      else this.told.push({ to, message });
    },
  };

  async founded(): Promise<this> {
    for (const member_id of [ada, ben, cyd]) {
      await this.store.memberships.put({
        community_id: community,
        member_id,
        roles: [],
        state: 'active',
        joined_at: 1,
        muted_until: null,
        version: 1,
      });
    }
    return this;
  }

  thread(threadId: string, patch: Partial<ThreadRecord> = {}): Promise<void> {
    return this.store.threads.insert(threadOf(threadId, patch));
  }

  async send(threadId: string, author: string, content: string, patch: Partial<MessageRecord> = {}): Promise<MessageRecord> {
    const [record] = await this.sendAll(threadId, author, [content], patch);
    return record!;
  }

  /** Several by one write. */
  async sendAll(
    threadId: string,
    author: string,
    contents: readonly string[],
    patch: Partial<MessageRecord> = {},
  ): Promise<MessageRecord[]> {
    const records = contents.map((content) => this.#next(threadId, author, content, patch));
    for (const outcome of await this.store.messages.append(records)) if (outcome !== 'stored') throw new Error(`append: ${outcome}`);
    return records;
  }

  #next(threadId: string, author: string, content: string, patch: Partial<MessageRecord>): MessageRecord {
    const head = this.#heads.get(threadId) ?? { seq: 0, rev: 0 };
    const next = { seq: head.seq + 1, rev: head.rev + 1 };
    this.#heads.set(threadId, next);
    const now = this.clock.now();
    return {
      id: newId(now),
      thread_id: threadId,
      community_id: community,
      ...next,
      author,
      content,
      created_at: now,
      edited_at: null,
      deleted_at: null,
      reply_to: null,
      attachments: [],
      mentions: [],
      reactions: [],
      nonce: null,
      epoch: 1,
      ...patch,
    };
  }

  async alter(record: MessageRecord, patch: Partial<MessageRecord>): Promise<MessageRecord> {
    const head = this.#heads.get(record.thread_id)!;
    head.rev++;
    const next = { ...record, ...patch, rev: head.rev };
    if ((await this.store.messages.change(next, record.rev)) !== 'stored') throw new Error('not changed');
    return next;
  }

  delete(record: MessageRecord): Promise<MessageRecord> {
    return this.alter(record, { content: '', deleted_at: this.clock.now() });
  }

  /** What the search finds: texts, in their order. */
  async find(q: string, kind: 'message' | 'thread' = 'message'): Promise<string[]> {
    const { search, messages, threads } = this.store;
    const present: Present = async (candidates) => {
      const ids = candidates.map((candidate) => candidate.id);
      if (kind === 'message') return new Map((await messages.texts(ids)).map((m) => [m.id, { text: m.content, rev: m.rev }]));
      return new Map((await threads.byIds(ids)).map((t) => [t.id, { text: `${t.title}\n${t.content ?? ''}`.trim(), rev: null }]));
    };
    const { hits } = await search.find({ kind, q, scopes: [community] }, { place: { skip: 0 }, limit: 100 }, present);
    return hits.map(({ text }) => text).sort();
  }

  /** Whether the index still has something that is found by no search any more. */
  indexed(): string[] {
    return (this.store.search as MemorySearch).all().map((record) => record.id);
  }
}

/** The same store with some calls of its search repository replaced. */
export const withSearch = (store: Store, patch: Partial<SearchRepository>): Pick<Store, 'search' | 'threads' | 'messages'> => ({
  threads: store.threads,
  messages: store.messages,
  search: new Proxy(store.search, {
    get: (target, name) => {
      const own: unknown = Reflect.get(name in patch ? patch : target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  }),
});

export const memoryWorld = async (): Promise<World & { clock: FakeClock }> => {
  const clock = new FakeClock();
  return (await new World(createMemoryStore({ clock }), clock).founded()) as World & { clock: FakeClock };
};

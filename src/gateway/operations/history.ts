import { Fault } from '../../kernel/errors.js';
import { isDeleted, type LiveMessage, type Message, type Page } from '../../protocol/resources.js';
import type { RouteInput } from '../../protocol/routes.js';
import type { MessageRecord } from '../../store/contracts.js';
import { toMessage } from '../../store/resources.js';
import type { Caller } from '../caller.js';
import { cursors, limitOf, type PageQuery, pageOf } from './cursor.js';
import type { OperationDeps } from './deps.js';
import { Sight } from './sight.js';

/** How many of a member's messages one request looks through for those that the asker may see. */
const activityScan = 1_000;

/** Reading messages; they come from the store, which is the truth. */
export class HistoryOperations {
  readonly #deps: OperationDeps;

  constructor(deps: OperationDeps) {
    this.#deps = deps;
  }

  /**
   * A page, ascending: the newest, or next to a seq. `next_cursor` goes on to older ones, after `after_seq` to newer ones. What
   * is left of deleted messages is among them, so that the numbers have no hole.
   */
  async page(caller: Caller, threadId: string, query: RouteInput<'history'>['query']): Promise<Page<Message>> {
    const place = placeOf(query);
    const { thread } = await new Sight(this.#deps.actors, caller.member_id).demandThread(this.#deps.store, threadId);
    const head = (await this.#deps.store.messages.head(threadId)).seq;
    const { from, to, older } = span(place, { first: thread.floor_seq + 1, head, limit: limitOf(query) });
    const records = from < to ? await this.#deps.store.messages.range(threadId, from, to) : [];
    const next = older ? from > thread.floor_seq + 1 && to > from && { before: from } : to <= head && { after: to - 1 };
    return { items: records.map((m) => toMessage(m, caller.member_id)), next_cursor: next ? cursors.history.encode(next) : null };
  }

  async get(caller: Caller, messageId: string): Promise<Message> {
    const message = await this.#deps.store.messages.byId(messageId);
    if (!message) throw nothingThere();
    await new Sight(this.#deps.actors, caller.member_id).demandThread(this.#deps.store, message.thread_id);
    return toMessage(message, caller.member_id);
  }

  /** Oldest first. */
  async replies(caller: Caller, params: RouteInput<'replies'>['params'], query: PageQuery): Promise<Page<Message>> {
    const { store, actors } = this.#deps;
    await new Sight(actors, caller.member_id).demandThread(store, params.thread_id);
    const parent = await store.messages.byId(params.message_id);
    if (parent?.thread_id !== params.thread_id) throw nothingThere();
    const limit = limitOf(query);
    const after = cursors.reply.decode(query.cursor)?.after ?? 0;
    const found = await store.messages.replies(params.thread_id, params.message_id, after, limit + 1);
    return pageOf(
      found,
      limit,
      cursors.reply,
      (last) => ({ after: last.seq }),
      (m) => toMessage(m, caller.member_id),
    );
  }

  /**
   * A member's recent messages that the caller may see, newest first. At most so many are looked through for one page: it may
   * be short or empty and still have a next one.
   */
  async activity(caller: Caller, memberId: string, query: PageQuery): Promise<Page<LiveMessage>> {
    const { store, actors } = this.#deps;
    if (!(await store.members.byId(memberId))) throw new Fault('not_found', 'There is no such member');
    const sight = new Sight(actors, caller.member_id);
    const limit = limitOf(query);
    const items: LiveMessage[] = [];
    let after = cursors.message.decode(query.cursor);
    for (let scanned = 0; scanned < activityScan; ) {
      const batch = await store.messages.byAuthor(memberId, { after, limit });
      scanned += batch.length;
      const live = await this.#livingThreads(batch);
      for (const [at, record] of batch.entries()) {
        after = { created_at: record.created_at, id: record.id };
        if (!live.has(record.thread_id) || !(await sight.allows(record.community_id))) continue;
        const message = toMessage(record, caller.member_id);
        if (isDeleted(message)) continue;
        items.push(message);
        const more = at < batch.length - 1 || batch.length === limit;
        if (items.length === limit) return { items, next_cursor: more ? cursors.message.encode(after) : null };
      }
      if (batch.length < limit) return { items, next_cursor: null };
    }
    return { items, next_cursor: after ? cursors.message.encode(after) : null };
  }

  async #livingThreads(messages: readonly MessageRecord[]): Promise<Set<string>> {
    const ids = [...new Set(messages.map((m) => m.thread_id))];
    const threads = await this.#deps.store.threads.byIds(ids);
    return new Set(threads.filter((thread) => thread.deleted_at === null).map((thread) => thread.id));
  }
}

const nothingThere = (): Fault => new Fault('not_found', 'There is no such community, thread or message');

type Place = { at: 'newest' } | { at: 'before' | 'after' | 'around'; seq: number };

const placeOf = (query: RouteInput<'history'>['query']): Place => {
  const cursor = cursors.history.decode(query.cursor);
  const given: Place[] = [];
  if (query.before_seq !== undefined) given.push({ at: 'before', seq: query.before_seq });
  if (query.after_seq !== undefined) given.push({ at: 'after', seq: query.after_seq });
  if (query.around_seq !== undefined) given.push({ at: 'around', seq: query.around_seq });
  if (cursor) given.push('before' in cursor ? { at: 'before', seq: cursor.before } : { at: 'after', seq: cursor.after });
  if (given.length > 1) throw new Fault('validation_failed', 'Give only one of cursor, before_seq, after_seq and around_seq');
  return given[0] ?? { at: 'newest' };
};

/** Which seqs a page has, from ≤ seq < to, and whether the next page lies before it. */
export const span = (
  place: Place,
  { first, head, limit }: { first: number; head: number; limit: number },
): { from: number; to: number; older: boolean } => {
  const end = head + 1;
  switch (place.at) {
    case 'after': {
      const from = Math.max(first, place.seq + 1);
      return { from, to: Math.min(end, from + limit), older: false };
    }
    case 'around': {
      const to = Math.min(end, Math.max(first, place.seq - Math.floor(limit / 2)) + limit);
      return { from: Math.max(first, to - limit), to, older: true };
    }
    default: {
      const to = place.at === 'before' ? Math.min(end, place.seq) : end;
      return { from: Math.max(first, to - limit), to, older: true };
    }
  }
};

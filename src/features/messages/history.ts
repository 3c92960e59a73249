import { z } from 'zod';
import { Sight } from '../../actors/domain/community/sight.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, limitOf, ms, type PageQuery, pageOf } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import type { Places } from '../../catalogue/ports.js';
import { Fault } from '../../kernel/errors.js';
import { id, seq } from '../../protocol/primitives.js';
import { isDeleted, type LiveMessage, type Message, type Page } from '../../protocol/resources.js';
import type { MessageRecord } from '../../store/contracts.js';
import { LivingThreads } from '../../store/living-threads.js';
import { toMessage } from '../../store/resources.js';
import { scopesOfAuthor } from '../../store/scopes.js';
import type { listMessages, listReplies } from './contract.js';

/** How many of a member's messages one request looks through for those that are in living threads. */
const activityScan = 1_000;
const smallestPart = 20;

type Written = Pick<MessageRecord, 'id' | 'thread_id' | 'community_id' | 'created_at'>;

/** It goes on before a seq or after one. */
const pageCursor = cursorOf(z.union([z.strictObject({ before: seq }), z.strictObject({ after: seq })]));
const replyCursor = cursorOf(z.strictObject({ after: seq }));
const activityCursor = cursorOf(z.strictObject({ created_at: ms, id }));

/** Reading messages; they come from the store, which is the truth. */
export class History {
  readonly #deps: Ground;

  constructor(deps: Ground) {
    this.#deps = deps;
  }

  /**
   * A page, ascending: the newest, or next to a seq. `next_cursor` goes on to older ones, after `after_seq` to newer ones. What
   * is left of deleted messages is among them, so that the numbers have no hole.
   */
  async page(caller: Caller, { thread_id: threadId, ...query }: Given<typeof listMessages>): Promise<Page<Message>> {
    const place = placeOf(query);
    const { thread } = await new Sight(this.#deps.actors, caller.member_id).demandThread(this.#deps.store, threadId);
    const head = (await this.#deps.store.messages.head(threadId)).seq;
    const { from, to, older } = span(place, { first: thread.floor_seq + 1, head, limit: limitOf(query) });
    const records = from < to ? await this.#deps.store.messages.range(threadId, from, to) : [];
    const next = older ? from > thread.floor_seq + 1 && to > from && { before: from } : to <= head && { after: to - 1 };
    return { items: records.map((m) => toMessage(m, caller.member_id)), next_cursor: next ? pageCursor.encode(next) : null };
  }

  async get(caller: Caller, messageId: string, places: Pick<Places, 'enter'>): Promise<Message> {
    const message = await this.#deps.store.messages.byId(messageId);
    // What never was costs as much as one in a closed thread: it is looked up as if it were its own thread.
    await places.enter({ thread: message?.thread_id ?? messageId }, caller.member_id);
    if (!message) throw nothingThere();
    await new Sight(this.#deps.actors, caller.member_id).demandThread(this.#deps.store, message.thread_id);
    return toMessage(message, caller.member_id);
  }

  /** Oldest first. */
  async replies(caller: Caller, { thread_id, message_id, ...query }: Given<typeof listReplies>): Promise<Page<Message>> {
    const { store, actors } = this.#deps;
    await new Sight(actors, caller.member_id).demandThread(store, thread_id);
    const parent = await store.messages.byId(message_id);
    if (parent?.thread_id !== thread_id) throw nothingThere();
    const limit = limitOf(query);
    const after = replyCursor.decode(query.cursor)?.after ?? 0;
    const found = await store.messages.replies(thread_id, message_id, after, limit + 1);
    return pageOf(
      found,
      limit,
      replyCursor,
      (last) => ({ after: last.seq }),
      (m) => toMessage(m, caller.member_id),
    );
  }

  /**
   * A member's recent messages that the caller may see, newest first. Places come first: only communities of the caller and public ones
   * are looked at, and closed threads there that the caller may not view are passed over by the query itself, so that the cost and the
   * cursor tell nothing of what was written elsewhere.
   */
  async activity(caller: Caller, memberId: string, query: PageQuery): Promise<Page<LiveMessage>> {
    const { store } = this.#deps;
    if (!(await store.members.byId(memberId))) throw new Fault('not_found', 'There is no such member');
    const limit = limitOf(query);
    const { ids, without, partial } = await scopesOfAuthor(store, memberId, caller.member_id);
    const before = activityCursor.decode(query.cursor);
    const written = store.messages.writtenBy(memberId, ids, { before, wanted: limit + 1, without });
    const { seen, isCut } = await this.#seen(caller, written, limit + 1);
    const shown = seen.slice(0, limit);
    const records = new Map((await store.messages.byIds(shown.map(({ id }) => id))).map((record) => [record.id, record]));
    const items = shown.flatMap(({ id }) => {
      const record = records.get(id);
      const message = record && toMessage(record, caller.member_id);
      return message && !isDeleted(message) ? [message] : [];
    });
    const last = shown.at(-1);
    const next = last && (seen.length > limit || isCut) ? activityCursor.encode({ created_at: last.created_at, id: last.id }) : null;
    return { items, next_cursor: next, ...(partial && { partial }) };
  }

  /**
   * The first of some messages that the caller may see now. `isCut`: the search for them was given up, after too many
   * of deleted threads.
   */
  async #seen(caller: Caller, written: AsyncIterable<Written>, most: number): Promise<{ seen: Written[]; isCut: boolean }> {
    const sight = new Sight(this.#deps.actors, caller.member_id);
    const threads = new LivingThreads(this.#deps.store.threads);
    const seen: Written[] = [];
    let part: Written[] = [];
    let scanned = 0;
    const look = async (): Promise<void> => {
      await threads.read(part.map(({ thread_id }) => thread_id));
      for (const message of part) {
        const thread = threads.get(message.thread_id);
        if (thread && (await sight.allowsThread(thread))) seen.push(message);
      }
      part = [];
    };
    for await (const message of written) {
      part.push(message);
      scanned += 1;
      if (part.length >= Math.max(most - seen.length, smallestPart) || scanned >= activityScan) await look();
      if (seen.length >= most) return { seen, isCut: false };
      if (scanned >= activityScan) return { seen, isCut: true };
    }
    await look();
    return { seen, isCut: false };
  }
}

const nothingThere = (): Fault => new Fault('not_found', 'There is no such community, thread or message');

type Place = { at: 'newest' } | { at: 'before' | 'after' | 'around'; seq: number };

const placeOf = (query: Omit<Given<typeof listMessages>, 'thread_id'>): Place => {
  const cursor = pageCursor.decode(query.cursor);
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

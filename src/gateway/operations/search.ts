import { isDeleted, type MessageHit, type Page, type Thread } from '../../protocol/resources.js';
import type { RouteInput } from '../../protocol/routes.js';
import type { SearchHit, SearchQuery } from '../../store/contracts.js';
import { toMessage, toThread } from '../../store/resources.js';
import type { Caller } from '../caller.js';
import { MembersInTurn } from '../limits/members-in-turn.js';
import { cursors, limitOf, offsetCursor, type PageQuery } from './cursor.js';
import type { OperationDeps } from './deps.js';
import { Sight } from './sight.js';
import { readCursors } from './threads.js';

/** How many hits one request looks through for those that the asker may see. */
const mostScanned = 1_000;
const batchSize = 100;
/** Searches of one node: each holds texts in memory while it compares them. */
const searching = { atOnce: 4, waiting: 1_000 };

/**
 * Search over what the caller may see. The index knows nothing of permission: every hit's community is asked for, and what
 * is shown is the message or thread as it is now, so that what was deleted since is not found.
 */
export class SearchOperations {
  readonly #deps: OperationDeps;
  readonly #searching = new MembersInTurn(searching);

  constructor(deps: OperationDeps) {
    this.#deps = deps;
  }

  messages(caller: Caller, query: RouteInput<'searchMessages'>['query']): Promise<Page<MessageHit>> {
    return this.#searching.pass(caller.member_id, () => this.#messages(caller, query));
  }

  threads(caller: Caller, query: RouteInput<'searchThreads'>['query']): Promise<Page<Thread>> {
    return this.#searching.pass(caller.member_id, () => this.#threads(caller, query));
  }

  async #messages(caller: Caller, query: RouteInput<'searchMessages'>['query']): Promise<Page<MessageHit>> {
    const { store } = this.#deps;
    const sight = new Sight(this.#deps.actors, caller.member_id);
    if (query.community_id !== undefined) await sight.demand(query.community_id);
    if (query.thread_id !== undefined) await sight.demandThread(store, query.thread_id);
    const wanted: SearchQuery = {
      kind: 'message',
      q: query.q,
      community_id: query.community_id,
      thread_id: query.thread_id,
      author: query.author,
      before: query.before === undefined ? undefined : Date.parse(query.before),
      after: query.after === undefined ? undefined : Date.parse(query.after),
    };
    return this.#collect(wanted, query, sight, async (hits) => {
      const messages = new Map((await store.messages.byIds(hits.map((hit) => hit.record.id))).map((m) => [m.id, m]));
      const threads = await this.#living(hits);
      return hits.map((hit) => {
        const record = messages.get(hit.record.id);
        const thread = threads.get(hit.record.thread_id);
        if (!record || !thread) return null;
        const message = toMessage(record, caller.member_id);
        if (isDeleted(message)) return null;
        return { message, community_id: thread.community_id, thread_title: thread.title, snippet: hit.snippet, score: hit.score };
      });
    });
  }

  async #threads(caller: Caller, query: RouteInput<'searchThreads'>['query']): Promise<Page<Thread>> {
    const sight = new Sight(this.#deps.actors, caller.member_id);
    if (query.community_id !== undefined) await sight.demand(query.community_id);
    const wanted: SearchQuery = { kind: 'thread', q: query.q, community_id: query.community_id };
    return this.#collect(wanted, query, sight, async (hits) => {
      const threads = await this.#living(hits);
      const readSeq = await readCursors(this.#deps, caller.member_id, [...threads.values()]);
      return Promise.all(
        hits.map(async (hit) => {
          const thread = threads.get(hit.record.thread_id);
          if (!thread) return null;
          const isMember = (await sight.demand(thread.community_id)).role !== null;
          return toThread(thread, isMember ? readSeq(thread.id) : undefined);
        }),
      );
    });
  }

  /** Reads on until the page is full or the bound is reached: a page may be short and still have a next one. */
  async #collect<T>(
    wanted: SearchQuery,
    query: PageQuery,
    sight: Sight,
    show: (hits: SearchHit[]) => Promise<(T | null)[]>,
  ): Promise<Page<T>> {
    const limit = limitOf(query);
    const items: T[] = [];
    const start = cursors.offset.decode(query.cursor)?.skip ?? 0;
    let skip = start;
    while (skip - start < mostScanned) {
      const batch = await this.#deps.store.search.find(wanted, skip, batchSize);
      const seen: { hit: SearchHit; at: number }[] = [];
      for (const [at, hit] of batch.entries()) {
        if (await sight.allows(hit.record.community_id)) seen.push({ hit, at });
      }
      const shown = await show(seen.map(({ hit }) => hit));
      for (const [i, { at }] of seen.entries()) {
        const item = shown[i];
        if (item === null || item === undefined) continue;
        items.push(item);
        if (items.length < limit) continue;
        const next = skip + at + 1;
        const more = at < batch.length - 1 || batch.length === batchSize;
        return { items, next_cursor: more ? offsetCursor(next) : null };
      }
      skip += batch.length;
      if (batch.length < batchSize) return { items, next_cursor: null };
    }
    return { items, next_cursor: offsetCursor(skip) };
  }

  /** The living threads of some hits. */
  async #living(hits: readonly SearchHit[]) {
    const ids = [...new Set(hits.map((hit) => hit.record.thread_id))];
    const threads = await this.#deps.store.threads.byIds(ids);
    return new Map(threads.filter((thread) => thread.deleted_at === null).map((thread) => [thread.id, thread]));
  }
}

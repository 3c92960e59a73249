import { z } from 'zod';
import { Sight } from '../../actors/domain/community/sight.js';
import { audienceOf } from '../../authority/closure.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, deepest, limitOf, ms, type PageQuery } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import { MembersInTurn } from '../../kernel/members-in-turn.js';
import { id } from '../../protocol/primitives.js';
import { isDeleted, type MessageHit, type Page, type Thread } from '../../protocol/resources.js';
import type { Present, SearchCandidate, SearchHit, SearchQuery, ThreadRecord } from '../../store/contracts.js';
import { LivingThreads } from '../../store/living-threads.js';
import { Readings } from '../../store/readings.js';
import { toMessage, toThread } from '../../store/resources.js';
import { ownScopes, type Scopes, scopeOfThread, scopesOfCommunity } from '../../store/scopes.js';
import type { searchMessages, searchThreads } from './contract.js';

/** Behind so many ranked hits, or with what is older than a hit. */
const searchCursor = cursorOf(
  z.union([
    z.strictObject({ skip: z.int().min(0).max(deepest), newest: ms.optional(), wider: z.literal(true).optional() }),
    z.strictObject({ created_at: ms, id, wider: z.literal(true).optional() }),
  ]),
);
/** Searches of one node: each holds texts in memory while it compares them. */
const searching = { atOnce: 4, waiting: 1_000 };

/**
 * Search asks for permission first: it looks in the place that was named, or in the caller's own communities, there in closed threads
 * that the caller may view, and nowhere else. Each candidate is asked about again before it counts as a hit: whether
 * its place may be seen now, and what it says now. So neither a hit nor its place nor a cursor tells of what is hidden,
 * edited out or deleted.
 */
export class Search {
  readonly #deps: Ground;
  readonly #readings: Readings;
  readonly #searching = new MembersInTurn(searching);

  constructor(deps: Ground) {
    this.#deps = deps;
    this.#readings = new Readings(deps);
  }

  messages(caller: Caller, query: Given<typeof searchMessages>): Promise<Page<MessageHit>> {
    return this.#searching.pass(caller.member_id, () => this.#messages(caller, query));
  }

  threads(caller: Caller, query: Given<typeof searchThreads>): Promise<Page<Thread>> {
    return this.#searching.pass(caller.member_id, () => this.#threads(caller, query));
  }

  async #messages(caller: Caller, query: Given<typeof searchMessages>): Promise<Page<MessageHit>> {
    const { store } = this.#deps;
    const sight = new Sight(this.#deps.actors, caller.member_id);
    const threads = new LivingThreads(store.threads);
    const wanted: Omit<SearchQuery, 'scopes'> = {
      kind: 'message',
      q: query.q,
      thread_id: query.thread_id,
      author: query.author,
      before: query.before === undefined ? undefined : Date.parse(query.before),
      after: query.after === undefined ? undefined : Date.parse(query.after),
    };
    const present: Present = async (candidates) => {
      const places = new Map((await seenBy(sight, threads, candidates)).map(({ id, thread_id }) => [id, thread_id]));
      const texts = await store.messages.texts([...places.keys()]);
      const there = texts.filter(({ id, thread_id }) => thread_id === places.get(id));
      return new Map(there.map(({ id, content, rev }) => [id, { text: content, rev }]));
    };
    return this.#page(query, await this.#scopes(caller, sight, query), wanted, present, async (hits) => {
      const records = new Map((await store.messages.byIds(hits.map(({ candidate }) => candidate.id))).map((m) => [m.id, m]));
      return hits.flatMap(({ candidate, text, snippet, score }) => {
        const record = records.get(candidate.id);
        const thread = threads.get(candidate.thread_id);
        // What was changed in this very moment is left out rather than shown with a snippet of what it said.
        if (!record || !thread || record.content !== text) return [];
        const message = toMessage(record, caller.member_id);
        if (isDeleted(message)) return [];
        return [{ message, community_id: thread.community_id, thread_title: thread.title, snippet, score }];
      });
    });
  }

  async #threads(caller: Caller, query: Given<typeof searchThreads>): Promise<Page<Thread>> {
    const sight = new Sight(this.#deps.actors, caller.member_id);
    const threads = new LivingThreads(this.#deps.store.threads);
    const present: Present = async (candidates) => {
      const seen = await seenBy(sight, threads, candidates);
      return new Map(seen.map(({ id }) => [id, { text: textOf(threads.get(id)!), rev: null }]));
    };
    const scopes = await this.#scopes(caller, sight, query);
    return this.#page(query, scopes, { kind: 'thread', q: query.q }, present, async (hits) => {
      const found = hits.flatMap(({ candidate }) => threads.get(candidate.id) ?? []);
      const places = [...new Set(found.map(({ community_id }) => community_id))];
      const accesses = new Map(await Promise.all(places.map(async (id) => [id, await sight.demand(id)] as const)));
      const own = found.filter(({ community_id }) => accesses.get(community_id)!.role !== null);
      const readings = await this.#readings.of(caller.member_id, own, (id) => accesses.get(id)?.unread_since);
      return found.map((thread) => toThread(thread, readings.get(thread.id)));
    });
  }

  /** Fault `not_found` for a place that the caller may not see. */
  async #scopes(
    caller: Caller,
    sight: Sight,
    query: { community_id?: string | undefined; thread_id?: string | undefined },
  ): Promise<Scopes> {
    const { store } = this.#deps;
    const named = query.community_id === undefined ? undefined : await sight.demand(query.community_id);
    if (query.thread_id !== undefined) {
      const { thread } = await sight.demandThread(store, query.thread_id);
      return query.community_id === undefined || query.community_id === thread.community_id
        ? scopeOfThread(thread)
        : { ids: [], partial: false };
    }
    return named ? scopesOfCommunity(store, named.community_id, audienceOf(named)) : ownScopes(store, caller.member_id);
  }

  async #page<T>(
    query: PageQuery,
    { ids, partial }: Scopes,
    wanted: Omit<SearchQuery, 'scopes'>,
    present: Present,
    show: (hits: readonly SearchHit[]) => Promise<T[]>,
  ): Promise<Page<T>> {
    const place = searchCursor.decode(query.cursor) ?? { skip: 0 };
    const { hits, next } = await this.#deps.store.search.find({ ...wanted, scopes: ids }, { place, limit: limitOf(query) }, present);
    return { items: await show(hits), next_cursor: next && searchCursor.encode(next), ...(partial && { partial }) };
  }
}

const textOf = ({ title, content }: ThreadRecord): string => (content === null ? title : `${title}\n${content}`);

/** Those whose place may be seen now: a community that the asker may know of, and in it a living thread that they may read. */
const seenBy = async (sight: Sight, threads: LivingThreads, candidates: readonly SearchCandidate[]): Promise<SearchCandidate[]> => {
  const places = [...new Set(candidates.map(({ community_id }) => community_id))];
  const allowed = new Set((await Promise.all(places.map(async (id) => ((await sight.allows(id)) ? [id] : [])))).flat());
  const known = candidates.filter(({ community_id }) => allowed.has(community_id));
  await threads.read(known.map(({ thread_id }) => thread_id));
  const seen = await Promise.all(
    known.map(async ({ community_id, thread_id }) => {
      const thread = threads.get(thread_id);
      return thread?.community_id === community_id && (await sight.allowsThread(thread));
    }),
  );
  return known.filter((_, at) => seen[at]);
};

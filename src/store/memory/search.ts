import type { Clock } from '../../kernel/clock.js';
import type {
  Consumer,
  IndexedRecord,
  Present,
  SearchHit,
  SearchPlace,
  SearchQuery,
  SearchRecord,
  SearchRemoval,
  SearchRepository,
  Sweeper,
} from '../contracts.js';
import { findHits } from '../search/hits.js';
import type { Demand } from '../search/question.js';
import { terms, termsVersion } from '../search/terms.js';
import { newestFirst } from './order.js';

interface Indexed {
  record: Omit<SearchRecord, 'text'>;
  terms: Set<string>;
}

export class MemorySearch implements SearchRepository {
  readonly termsVersion = termsVersion;
  readonly #clock: Clock;
  readonly #records = new Map<string, Indexed>();
  readonly #removed = new Map<string, SearchRemoval>();
  readonly #progress = new Map<string, number>();
  readonly #swept = new Map<Sweeper, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async index(records: readonly SearchRecord[]): Promise<void> {
    for (const record of records) {
      if (record.rev < this.#revOf(record.id)) continue;
      this.#removed.delete(record.id);
      const { text, ...kept } = record;
      this.#records.set(record.id, { record: kept, terms: new Set(terms(text)) });
    }
  }

  async remove(removals: readonly SearchRemoval[]): Promise<void> {
    for (const { id, community_id, thread_id, rev } of removals) {
      if (rev < this.#revOf(id)) continue;
      this.#records.delete(id);
      this.#removed.set(id, { id, community_id, thread_id, rev });
    }
  }

  async indexed(after: string | null, limit: number): Promise<IndexedRecord[]> {
    const living = [...this.#records.values()].map(({ record }) => record);
    const removed = [...this.#removed.values()].map((removal) => ({ ...removal, kind: 'removed' as const }));
    return [...living, ...removed]
      .filter(({ id }) => after === null || id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit)
      .map(({ id, kind, community_id, thread_id, rev }) => ({ id, kind, community_id, thread_id, rev, isCurrent: true }));
  }

  async size(): Promise<number> {
    return this.#records.size + this.#removed.size;
  }

  async removeByThread(threadId: string): Promise<void> {
    this.#forget(({ thread_id }) => thread_id === threadId);
  }

  async removeByCommunity(communityId: string): Promise<void> {
    this.#forget(({ community_id }) => community_id === communityId);
  }

  /** What can be found, for tests and simulations. */
  all(): Omit<SearchRecord, 'text'>[] {
    return [...this.#records.values()].map(({ record }) => record);
  }

  find(
    query: SearchQuery,
    page: { place: SearchPlace; limit: number },
    present: Present,
  ): Promise<{ hits: SearchHit[]; next: SearchPlace | null }> {
    const candidates = (asked: SearchQuery, { required }: Demand, before: { created_at: number; id: string } | undefined) =>
      [...this.#records.values()]
        .filter(({ record }) => isWithin(asked, record) && (!before || newestFirst(record, before) > 0))
        .filter((indexed) => required.every((term) => indexed.terms.has(term)))
        .map(({ record: { id, scope, community_id, thread_id, created_at, rev } }) => ({
          id,
          scope,
          community_id,
          thread_id,
          created_at,
          rev,
        }))
        .sort(newestFirst);
    return findHits({ query, page, present, now: this.#clock.now(), candidates });
  }

  #revOf(id: string): number {
    return this.#records.get(id)?.record.rev ?? this.#removed.get(id)?.rev ?? 0;
  }

  #forget(isMeant: (record: Omit<SearchRemoval, 'rev'>) => boolean): void {
    for (const [id, { record }] of this.#records) if (isMeant(record)) this.#records.delete(id);
    for (const [id, removal] of this.#removed) if (isMeant(removal)) this.#removed.delete(id);
  }

  async progress(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, number>> {
    return new Map(threadIds.map((id) => [id, this.#progress.get(`${consumer}:${id}`) ?? 0]));
  }

  async setProgress(consumer: Consumer, marks: readonly { thread_id: string; rev: number }[]): Promise<void> {
    for (const { thread_id, rev } of marks) {
      const key = `${consumer}:${thread_id}`;
      this.#progress.set(key, Math.max(rev, this.#progress.get(key) ?? 0));
    }
  }

  async swept(sweeper: Sweeper): Promise<number> {
    return this.#swept.get(sweeper) ?? 0;
  }

  async setSwept(sweeper: Sweeper, at: number): Promise<void> {
    this.#swept.set(sweeper, at);
  }
}

const isWithin = (query: SearchQuery, record: Indexed['record']): boolean =>
  record.kind === query.kind &&
  query.scopes.includes(record.scope) &&
  (query.thread_id === undefined || record.thread_id === query.thread_id) &&
  (query.author === undefined || record.author === query.author) &&
  (query.after === undefined || record.created_at >= query.after) &&
  (query.before === undefined || record.created_at < query.before);

import type { Clock } from '../../kernel/clock.js';
import type {
  Consumer,
  IndexedRecord,
  Mark,
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
  readonly #progress = new Map<string, Mark>();
  readonly #swept = new Map<Sweeper, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async index(records: readonly SearchRecord[]): Promise<void> {
    for (const record of records) {
      if (this.#isNewer(record)) continue;
      this.#removed.delete(record.id);
      const { text, ...kept } = record;
      this.#records.set(record.id, { record: kept, terms: new Set(terms(text)) });
    }
  }

  async remove(removals: readonly SearchRemoval[]): Promise<void> {
    for (const removal of removals) {
      if (this.#isNewer(removal)) continue;
      const { id, community_id, thread_id, rev, scope_since } = removal;
      this.#records.delete(id);
      this.#removed.set(id, { id, community_id, thread_id, rev, scope_since });
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

  async removeBefore(threadId: string, scopeSince: number): Promise<void> {
    this.#forget(({ thread_id, scope_since = 0 }) => thread_id === threadId && scope_since < scopeSince);
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

  /** Whether what is there goes before this. */
  #isNewer({ id, rev, scope_since }: Pick<SearchRemoval, 'id' | 'rev' | 'scope_since'>): boolean {
    const there = this.#records.get(id)?.record ?? this.#removed.get(id);
    return there !== undefined && isBefore({ rev, scope_since }, there);
  }

  #forget(isMeant: (record: SearchRemoval) => boolean): void {
    for (const [id, { record }] of this.#records) if (isMeant(record)) this.#records.delete(id);
    for (const [id, removal] of this.#removed) if (isMeant(removal)) this.#removed.delete(id);
  }

  async progress(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, Mark>> {
    return new Map(threadIds.map((id) => [id, this.#progress.get(`${consumer}:${id}`) ?? { rev: 0, scope_since: 0 }]));
  }

  async setProgress(consumer: Consumer, marks: readonly { thread_id: string; rev: number; scope_since?: number }[]): Promise<void> {
    for (const { thread_id, rev, scope_since = 0 } of marks) {
      const key = `${consumer}:${thread_id}`;
      const there = this.#progress.get(key);
      if (!there || isBefore(there, { rev, scope_since })) this.#progress.set(key, { rev, scope_since });
    }
  }

  async swept(sweeper: Sweeper): Promise<number> {
    return this.#swept.get(sweeper) ?? 0;
  }

  async setSwept(sweeper: Sweeper, at: number): Promise<void> {
    this.#swept.set(sweeper, at);
  }
}

type Ordered = Pick<SearchRemoval, 'rev' | 'scope_since'>;

const isBefore = (a: Ordered, b: Ordered): boolean => {
  const [since, other] = [a.scope_since ?? 0, b.scope_since ?? 0];
  return since < other || (since === other && a.rev < b.rev);
};

const isWithin = (query: SearchQuery, record: Indexed['record']): boolean =>
  record.kind === query.kind &&
  query.scopes.includes(record.scope) &&
  (query.thread_id === undefined || record.thread_id === query.thread_id) &&
  (query.author === undefined || record.author === query.author) &&
  (query.after === undefined || record.created_at >= query.after) &&
  (query.before === undefined || record.created_at < query.before);

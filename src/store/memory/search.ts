import type { Clock } from '../../kernel/clock.js';
import type { Consumer, SearchHit, SearchQuery, SearchRecord, SearchRemoval, SearchRepository } from '../contracts.js';
import { hitsAmong } from '../search/hits.js';
import { parseQuestion } from '../search/question.js';
import { terms } from '../search/terms.js';
import { newestFirst } from './order.js';

export class MemorySearch implements SearchRepository {
  readonly #clock: Clock;
  readonly #records = new Map<string, { record: SearchRecord; terms: Set<string> }>();
  readonly #removed = new Map<string, SearchRemoval>();
  readonly #progress = new Map<string, number>();
  readonly #swept = new Map<Consumer, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async index(records: readonly SearchRecord[]): Promise<void> {
    for (const record of records) {
      if (record.rev < this.#revOf(record.id)) continue;
      this.#removed.delete(record.id);
      this.#records.set(record.id, { record: structuredClone(record), terms: new Set(terms(record.text)) });
    }
  }

  async remove(removals: readonly SearchRemoval[]): Promise<void> {
    for (const { id, community_id, thread_id, rev } of removals) {
      if (rev < this.#revOf(id)) continue;
      this.#records.delete(id);
      this.#removed.set(id, { id, community_id, thread_id, rev });
    }
  }

  async removeByThread(threadId: string): Promise<void> {
    this.#forget(({ thread_id }) => thread_id === threadId);
  }

  async removeByCommunity(communityId: string): Promise<void> {
    this.#forget(({ community_id }) => community_id === communityId);
  }

  /** What can be found, for tests and simulations. */
  all(): SearchRecord[] {
    return [...this.#records.values()].map(({ record }) => record);
  }

  async find(query: SearchQuery, offset: number, limit: number): Promise<SearchHit[]> {
    const question = parseQuestion(query.q);
    if (!question) return [];
    const candidates = [...this.#records.values()]
      .filter((indexed) => isWithin(query, indexed.record) && question.required.every((term) => indexed.terms.has(term)))
      .map((indexed) => structuredClone(indexed.record))
      .sort(newestFirst);
    return hitsAmong(question, candidates, this.#clock.now(), { offset, limit });
  }

  #revOf(id: string): number {
    return this.#records.get(id)?.record.rev ?? this.#removed.get(id)?.rev ?? 0;
  }

  #forget(isMeant: (record: SearchRemoval) => boolean): void {
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

  async swept(consumer: Consumer): Promise<number> {
    return this.#swept.get(consumer) ?? 0;
  }

  async setSwept(consumer: Consumer, at: number): Promise<void> {
    this.#swept.set(consumer, at);
  }
}

const isWithin = (query: SearchQuery, record: SearchRecord): boolean =>
  record.kind === query.kind &&
  (query.community_id === undefined || record.community_id === query.community_id) &&
  (query.thread_id === undefined || record.thread_id === query.thread_id) &&
  (query.author === undefined || record.author === query.author) &&
  (query.after === undefined || record.created_at >= query.after) &&
  (query.before === undefined || record.created_at < query.before);

import type { Clock } from '../../kernel/clock.js';
import type { Consumer, SearchHit, SearchQuery, SearchRecord, SearchRepository } from '../contracts.js';
import { hitsAmong } from '../search/hits.js';
import { parseQuestion } from '../search/question.js';
import { terms } from '../search/terms.js';
import { newestFirst } from './order.js';

export class MemorySearch implements SearchRepository {
  readonly #clock: Clock;
  readonly #records = new Map<string, { record: SearchRecord; terms: Set<string> }>();
  readonly #progress = new Map<string, number>();
  readonly #swept = new Map<Consumer, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async index(records: readonly SearchRecord[]): Promise<void> {
    for (const record of records) this.#records.set(record.id, { record: structuredClone(record), terms: new Set(terms(record.text)) });
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#records.delete(id);
  }

  async removeByThread(threadId: string): Promise<void> {
    for (const [id, { record }] of this.#records) if (record.thread_id === threadId) this.#records.delete(id);
  }

  async removeByCommunity(communityId: string): Promise<void> {
    for (const [id, { record }] of this.#records) if (record.community_id === communityId) this.#records.delete(id);
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

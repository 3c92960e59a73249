import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import type { Clock } from '../../kernel/clock.js';
import type { Consumer, SearchHit, SearchQuery, SearchRecord, SearchRemoval, SearchRepository } from '../contracts.js';
import { hitsAmong, mostRanked } from '../search/hits.js';
import { parseQuestion, type Question } from '../search/question.js';
import { terms } from '../search/terms.js';
import type { ReadBound } from './bound.js';
import { insertMissing, upsertAll } from './bulk.js';
import { reading, writing } from './faults.js';
import { date, oid } from './fields.js';
import type { MongoProgress } from './progress.js';

interface SearchDocument {
  _id: ObjectId;
  kind: SearchRecord['kind'];
  community_id: ObjectId;
  thread_id: ObjectId;
  author: ObjectId;
  created_at: Date;
  seq: number;
  /** Absent in records of earlier releases. */
  rev?: number;
  text: string;
  terms: string[];
}

/** Left by a removal, so that a write that comes late finds something newer. No search asks for its kind. */
interface RemovedDocument {
  _id: ObjectId;
  kind: 'removed';
  community_id: ObjectId;
  thread_id: ObjectId;
  rev: number;
}
type Stored = SearchDocument | RemovedDocument;

const toDocument = (record: SearchRecord): SearchDocument => ({
  _id: oid(record.id),
  kind: record.kind,
  community_id: oid(record.community_id),
  thread_id: oid(record.thread_id),
  author: oid(record.author),
  created_at: date(record.created_at),
  seq: record.seq,
  rev: record.rev,
  text: record.text,
  terms: terms(record.text),
});

const toRemoved = ({ id, community_id, thread_id, rev }: SearchRemoval): RemovedDocument => ({
  _id: oid(id),
  kind: 'removed',
  community_id: oid(community_id),
  thread_id: oid(thread_id),
  rev,
});

type Found = Omit<SearchDocument, 'terms'>;
const shown = { kind: 1, community_id: 1, thread_id: 1, author: 1, created_at: 1, seq: 1, rev: 1, text: 1 };
const pageSize = mostRanked;

const toRecord = (document: Found): SearchRecord => ({
  id: document._id.toHexString(),
  kind: document.kind,
  community_id: document.community_id.toHexString(),
  thread_id: document.thread_id.toHexString(),
  author: document.author.toHexString(),
  created_at: document.created_at.getTime(),
  seq: document.seq,
  rev: document.rev ?? 0,
  text: document.text,
});

/**
 * Search on an index of our own (`terms`, see ../search/) rather than on `$text`, which differs between servers and can
 * neither show where it matched nor find `Nat.succ`. One index of (kind, terms, created_at, _id) gives the candidates newest
 * first; texts are compared and ranked here, within the bounds of hits.ts.
 */
export class MongoSearch implements SearchRepository {
  readonly #documents: Collection<Stored>;
  readonly #progress: MongoProgress;
  readonly #clock: Clock;
  readonly #bound: ReadBound;

  constructor(db: Db, progress: MongoProgress, clock: Clock, bound: ReadBound) {
    this.#documents = db.collection('search');
    this.#progress = progress;
    this.#clock = clock;
    this.#bound = bound;
  }

  index(records: readonly SearchRecord[]): Promise<void> {
    return this.#write(newestOf(records).map(toDocument));
  }

  remove(removals: readonly SearchRemoval[]): Promise<void> {
    return this.#write(newestOf(removals).map(toRemoved));
  }

  /** New ones by insertion, which is far cheaper than an upsert; those that were there are written over if they are no newer. */
  async #write(documents: readonly (Stored & { rev?: number })[]): Promise<void> {
    const added = new Set((await insertMissing(this.#documents, documents)).map((document) => document._id));
    await upsertAll(
      this.#documents,
      documents
        .filter((document) => !added.has(document._id))
        .map(({ _id, ...replacement }) => ({
          replaceOne: { filter: { _id, rev: { $not: { $gt: replacement.rev ?? 0 } } }, replacement },
        })),
    );
  }

  async removeByThread(threadId: string): Promise<void> {
    await writing(() => this.#documents.deleteMany({ thread_id: oid(threadId) }));
  }

  async removeByCommunity(communityId: string): Promise<void> {
    await writing(() => this.#documents.deleteMany({ community_id: oid(communityId) }));
  }

  async find(query: SearchQuery, offset: number, limit: number): Promise<SearchHit[]> {
    const question = parseQuestion(query.q);
    if (!question) return [];
    return reading(() => hitsAmong(question, this.#candidates(query, question), this.#clock.now(), { offset, limit }));
  }

  /** In pages that each begin where the last one ended: servers read one bounded page far faster than they open a long cursor. */
  async *#candidates(query: SearchQuery, question: Question): AsyncIterable<SearchRecord> {
    for (let last: Found | undefined; ; ) {
      const page = await this.#documents
        .find(filterOf(query, question, last), { sort: { created_at: -1, _id: -1 }, limit: pageSize, batchSize: pageSize, ...this.#bound })
        .project<Found>(shown)
        .toArray();
      for (const document of page) yield toRecord(document);
      if (page.length < pageSize) return;
      last = page.at(-1)!;
    }
  }

  progress(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, number>> {
    return this.#progress.get(consumer, threadIds);
  }

  setProgress(consumer: Consumer, marks: readonly { thread_id: string; rev: number }[]): Promise<void> {
    return this.#progress.raise(consumer, marks);
  }

  swept(consumer: Consumer): Promise<number> {
    return this.#progress.swept(consumer);
  }

  setSwept(consumer: Consumer, at: number): Promise<void> {
    return this.#progress.setSwept(consumer, at);
  }
}

/** Of each id one: of those with its highest rev the last. */
const newestOf = <T extends { id: string; rev: number }>(records: readonly T[]): T[] => {
  const newest = new Map<string, T>();
  for (const record of records) if (record.rev >= (newest.get(record.id)?.rev ?? 0)) newest.set(record.id, record);
  return [...newest.values()];
};

const filterOf = (query: SearchQuery, question: Question, last: Found | undefined): Filter<Stored> => {
  // Long words are rarer than short ones as a rule, and some servers look up the first and only check the others.
  const required = [...question.required].sort((a, b) => b.length - a.length);
  const conditions: Filter<Stored>[] = [{ kind: query.kind }];
  if (required.length > 0) conditions.push({ terms: { $all: required } });
  if (query.community_id !== undefined) conditions.push({ community_id: oid(query.community_id) });
  if (query.thread_id !== undefined) conditions.push({ thread_id: oid(query.thread_id) });
  if (query.author !== undefined) conditions.push({ author: oid(query.author) });
  if (query.after !== undefined) conditions.push({ created_at: { $gte: date(query.after) } });
  if (query.before !== undefined) conditions.push({ created_at: { $lt: date(query.before) } });
  if (last) {
    conditions.push({ created_at: { $lte: last.created_at } });
    conditions.push({ $or: [{ created_at: { $lt: last.created_at } }, { _id: { $lt: last._id } }] });
  }
  return { $and: conditions };
};

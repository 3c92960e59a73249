import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import type { Clock } from '../../kernel/clock.js';
import type {
  Consumer,
  IndexedRecord,
  Mark,
  Present,
  SearchCandidate,
  SearchHit,
  SearchPlace,
  SearchQuery,
  SearchRecord,
  SearchRemoval,
  SearchRepository,
  Sweeper,
} from '../contracts.js';
import { newestAmong } from '../newest-among.js';
import { findHits, mostRanked } from '../search/hits.js';
import type { Demand } from '../search/question.js';
import { terms, termsVersion } from '../search/terms.js';
import type { ReadBound } from './bound.js';
import { insertMissing, upsertAll } from './bulk.js';
import { reading, writing } from './faults.js';
import { date, oid, oids } from './fields.js';
import type { MongoProgress } from './progress.js';

interface SearchDocument {
  _id: ObjectId;
  scope: ObjectId;
  kind: SearchRecord['kind'];
  community_id: ObjectId;
  thread_id: ObjectId;
  author: ObjectId;
  created_at: Date;
  seq: number;
  /** Absent in records of earlier releases. */
  rev?: number;
  /** Absent while the thread is as it was begun. */
  scope_since?: number;
  terms: string[];
  /** Of how they were made; absent in records of earlier releases. */
  terms_version?: number;
}

/** Left by a removal, so that a write that comes late finds something newer. No search asks for its kind. */
interface RemovedDocument {
  _id: ObjectId;
  kind: 'removed';
  community_id: ObjectId;
  thread_id: ObjectId;
  rev: number;
  scope_since?: number;
}
type Stored = SearchDocument | RemovedDocument;

const toDocument = (record: SearchRecord): SearchDocument => ({
  _id: oid(record.id),
  scope: oid(record.scope),
  kind: record.kind,
  community_id: oid(record.community_id),
  thread_id: oid(record.thread_id),
  author: oid(record.author),
  created_at: date(record.created_at),
  seq: record.seq,
  rev: record.rev,
  ...(record.scope_since && { scope_since: record.scope_since }),
  terms: terms(record.text),
  terms_version: termsVersion,
});

const toRemoved = ({ id, community_id, thread_id, rev, scope_since }: SearchRemoval): RemovedDocument => ({
  _id: oid(id),
  kind: 'removed',
  community_id: oid(community_id),
  thread_id: oid(thread_id),
  rev,
  ...(scope_since && { scope_since }),
});

type Found = Pick<SearchDocument, '_id' | 'scope' | 'community_id' | 'thread_id' | 'created_at' | 'rev'>;
type Looked = Pick<SearchDocument, '_id' | 'community_id' | 'thread_id' | 'rev' | 'terms_version'> & { kind: Stored['kind'] };
const shown = { scope: 1, community_id: 1, thread_id: 1, created_at: 1, rev: 1 };
/** If no more candidates than these stand in a hundred scopes, they are read in no order, which costs the server least. */
const few = 1_000;
const removedAtOnce = 1_000;
const newestFirst = { created_at: -1, _id: -1 } as const;

const toCandidate = (document: Found): SearchCandidate => ({
  id: document._id.toHexString(),
  scope: document.scope.toHexString(),
  community_id: document.community_id.toHexString(),
  thread_id: document.thread_id.toHexString(),
  created_at: document.created_at.getTime(),
  rev: document.rev ?? 0,
});

/**
 * Search on an index of our own (`terms`, see ../search/) rather than on `$text`, which differs between servers and can
 * neither show where it matched nor find `Nat.succ`. One index of (scope, kind, terms, created_at, _id) gives the candidates of
 * some scopes newest first; what they say now is compared and ranked within the bounds of hits.ts.
 */
export class MongoSearch implements SearchRepository {
  readonly termsVersion = termsVersion;
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
          replaceOne: { filter: { _id, ...noNewer(replacement) }, replacement },
        })),
    );
  }

  async indexed(after: string | null, limit: number): Promise<IndexedRecord[]> {
    const found = await reading(() =>
      this.#documents
        .find(after === null ? {} : { _id: { $gt: oid(after) } }, { sort: { _id: 1 }, limit, batchSize: limit + 1, ...this.#bound })
        .project<Looked>({ kind: 1, community_id: 1, thread_id: 1, rev: 1, terms_version: 1 })
        .toArray(),
    );
    return found.map(({ _id, kind, community_id, thread_id, rev, terms_version }) => ({
      id: _id.toHexString(),
      kind,
      community_id: community_id.toHexString(),
      thread_id: thread_id.toHexString(),
      rev: rev ?? 0,
      isCurrent: kind === 'removed' || terms_version === termsVersion,
    }));
  }

  size(): Promise<number> {
    return reading(() => this.#documents.estimatedDocumentCount(this.#bound));
  }

  async removeByThread(threadId: string): Promise<void> {
    await writing(() => this.#documents.deleteMany({ thread_id: oid(threadId) }));
  }

  async removeBefore(threadId: string, scopeSince: number): Promise<void> {
    const outdated: Filter<Stored> = { thread_id: oid(threadId), scope_since: { $not: { $gte: scopeSince } } };
    for (;;) {
      const some = await reading(() =>
        this.#documents
          .find(outdated, { limit: removedAtOnce, batchSize: removedAtOnce + 1, ...this.#bound })
          .project({ _id: 1 })
          .toArray(),
      );
      if (some.length === 0) return;
      // What was written over meanwhile stays.
      await writing(() => this.#documents.deleteMany({ ...outdated, _id: { $in: some.map(({ _id }) => _id) } }));
      if (some.length < removedAtOnce) return;
    }
  }

  async removeByCommunity(communityId: string): Promise<void> {
    await writing(() => this.#documents.deleteMany({ community_id: oid(communityId) }));
  }

  find(
    query: SearchQuery,
    page: { place: SearchPlace; limit: number },
    present: Present,
  ): Promise<{ hits: SearchHit[]; next: SearchPlace | null }> {
    return findHits({
      query,
      page,
      present,
      now: this.#clock.now(),
      candidates: (asked, demand, before) => this.#candidates(asked, demand, before),
    });
  }

  #candidates(query: SearchQuery, demand: Demand, before: Key | undefined): AsyncIterable<SearchCandidate> {
    const read = (scopes: readonly string[], last: Key | undefined, options: { limit: number; sort?: typeof newestFirst }) =>
      reading(async () => {
        const found = this.#documents.find(filterOf({ ...query, scopes }, demand, last), {
          ...options,
          batchSize: options.limit + 1,
          ...this.#bound,
        });
        return (await found.project<Found>(shown).toArray()).map(toCandidate);
      });
    return newestAmong<SearchCandidate>(query.scopes, {
      some: (scopes, limit) => read(scopes, before, { limit }),
      of: (scope, last, limit) => read([scope], last ?? before, { limit, sort: newestFirst }),
      wanted: mostRanked,
      few,
    });
  }

  progress(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, Mark>> {
    return this.#progress.get(consumer, threadIds);
  }

  setProgress(consumer: Consumer, marks: readonly { thread_id: string; rev: number; scope_since?: number }[]): Promise<void> {
    return this.#progress.raise(consumer, marks);
  }

  swept(sweeper: Sweeper): Promise<number> {
    return this.#progress.swept(sweeper);
  }

  setSwept(sweeper: Sweeper, at: number): Promise<void> {
    return this.#progress.setSwept(sweeper, at);
  }
}

/** Of each id one: of those with its latest scope and highest rev the last. */
const newestOf = <T extends Pick<SearchRemoval, 'id' | 'rev' | 'scope_since'>>(records: readonly T[]): T[] => {
  const newest = new Map<string, T>();
  for (const record of records) {
    const { rev = 0, scope_since = 0 } = newest.get(record.id) ?? {};
    const since = record.scope_since ?? 0;
    if (since > scope_since || (since === scope_since && record.rev >= rev)) newest.set(record.id, record);
  }
  return [...newest.values()];
};

/** What may be written over by this. */
const noNewer = ({ rev = 0, scope_since = 0 }: { rev?: number; scope_since?: number }): Filter<Stored> =>
  scope_since === 0
    ? { scope_since: { $exists: false }, rev: { $not: { $gt: rev } } }
    : { $or: [{ scope_since: { $not: { $gte: scope_since } } }, { scope_since, rev: { $not: { $gt: rev } } }] };

interface Key {
  created_at: number;
  id: string;
}

const filterOf = (query: SearchQuery, demand: Demand, last: Key | undefined): Filter<Stored> => {
  // Long words are rarer than short ones as a rule, and some servers look up the first and only check the others.
  const required = [...demand.required].sort((a, b) => b.length - a.length);
  const scopes = oids(query.scopes);
  const conditions: Filter<Stored>[] = [{ scope: scopes.length === 1 ? scopes[0]! : { $in: scopes } }, { kind: query.kind }];
  if (required.length > 0) conditions.push({ terms: { $all: required } });
  if (query.thread_id !== undefined) conditions.push({ thread_id: oid(query.thread_id) });
  if (query.author !== undefined) conditions.push({ author: oid(query.author) });
  if (query.after !== undefined) conditions.push({ created_at: { $gte: date(query.after) } });
  if (query.before !== undefined) conditions.push({ created_at: { $lt: date(query.before) } });
  if (last) {
    const at = date(last.created_at);
    conditions.push({ created_at: { $lte: at } }, { $or: [{ created_at: { $lt: at } }, { _id: { $lt: oid(last.id) } }] });
  }
  return { $and: conditions };
};

import type { Collection, Condition, Filter, ObjectId, Sort } from 'mongodb';
import { firstIdAt } from '../../kernel/ids.js';
import type { Known, MessageRecord, MessageRepository, WriteOutcome } from '../contracts.js';
import { newestAmong } from '../newest-among.js';
import type { ReadBound } from './bound.js';
import type { MessageCommit } from './commit.js';
import { reading, writing } from './faults.js';
import { date, oid, oids } from './fields.js';
import { type MessageDocument, messageRecord, messageRecords } from './message-document.js';

const widestRange = 1_000;
const pairsInOneRead = 500;
const sweptAtOnce = 5_000;
const changedAtOnce = 500;
/** If an author wrote no more than these in a hundred communities, they are read in no order. */
const fewWritten = 200;
/** How many messages after one are looked at, read by read, for such as were created in the same moment. */
const followersLookedAt = [32, 1_000, 1_000];
const placeAndTime = { _id: 0, seq: 1, created_at: 1 } as const;

type Key = Pick<MessageRecord, 'created_at' | 'id'>;
type Written = Pick<MessageRecord, 'id' | 'thread_id' | 'community_id' | 'created_at'>;

export class MongoMessages implements MessageRepository {
  readonly #messages: Collection<MessageDocument>;
  readonly #commit: MessageCommit;
  readonly #bound: ReadBound;

  constructor(messages: Collection<MessageDocument>, commit: MessageCommit, bound: ReadBound) {
    this.#messages = messages;
    this.#commit = commit;
    this.#bound = bound;
  }

  append(messages: readonly MessageRecord[]): Promise<WriteOutcome[]> {
    return this.#commit.append(messages);
  }

  change(message: MessageRecord, ifRev: number): Promise<WriteOutcome> {
    return this.#commit.change(message, ifRev);
  }

  byId(id: string): Promise<MessageRecord | null> {
    return this.#one({ _id: oid(id) });
  }

  async byIds(ids: readonly string[]): Promise<MessageRecord[]> {
    return ids.length === 0 ? [] : this.#many({ _id: { $in: oids(ids) } }, {}, ids.length);
  }

  byNonce(threadId: string, author: string, nonce: string): Promise<MessageRecord | null> {
    return this.#one({ thread_id: oid(threadId), author: oid(author), nonce });
  }

  async byNonces(threadId: string, pairs: readonly { author: string; nonce: string }[]): Promise<MessageRecord[]> {
    const wanted = new Set(pairs.map(({ author, nonce }) => `${author} ${nonce}`));
    const found: MessageRecord[] = [];
    for (let from = 0; from < pairs.length; from += pairsInOneRead) {
      const part = pairs.slice(from, from + pairsInOneRead);
      const authors = oids([...new Set(part.map((pair) => pair.author))]);
      const nonces = [...new Set(part.map((pair) => pair.nonce))];
      found.push(...(await this.#many({ thread_id: oid(threadId), author: { $in: authors }, nonce: { $in: nonces } }, {}, 0)));
    }
    const byId = new Map(found.filter((record) => wanted.has(`${record.author} ${record.nonce}`)).map((record) => [record.id, record]));
    return [...byId.values()];
  }

  async head(threadId: string): Promise<{ seq: number; rev: number }> {
    const seq = await this.#highest(threadId, 'seq');
    // An empty thread has no rev either.
    return { seq, rev: seq === 0 ? 0 : await this.#highest(threadId, 'rev') };
  }

  async tail(threadId: string, limit: number): Promise<{ messages: MessageRecord[]; rev: number }> {
    const newest = await this.#many({ thread_id: oid(threadId) }, { seq: -1 }, limit);
    return { messages: newest.reverse(), rev: newest.length === 0 ? 0 : await this.#highest(threadId, 'rev') };
  }

  async range(threadId: string, from: number, to: number): Promise<MessageRecord[]> {
    if (to - from > widestRange) throw new RangeError(`a range of messages is at most ${widestRange} wide`);
    if (to <= from) return [];
    return this.#many({ thread_id: oid(threadId), seq: { $gte: from, $lt: to } }, { seq: 1 }, widestRange);
  }

  async changedAfter(threadId: string, rev: number, limit: number): Promise<MessageRecord[]> {
    return this.#many({ thread_id: oid(threadId), rev: { $gt: rev } }, { rev: 1 }, limit);
  }

  /** Thread by thread: of several in one `$or` some servers look at every message that there is. */
  async changedInThreads(threads: readonly { thread_id: string; rev: number }[], limit: number): Promise<MessageRecord[]> {
    const found: MessageRecord[] = [];
    for (const { thread_id, rev } of [...threads].sort((a, b) => (a.thread_id < b.thread_id ? -1 : 1))) {
      found.push(...(await this.changedAfter(thread_id, rev, limit - found.length)));
      if (found.length >= limit) break;
    }
    return found;
  }

  async changedByOthersAfter(threadId: string, rev: number, known: Known, limit: number): Promise<MessageRecord[]> {
    const { begunAt, epoch, head } = known;
    const others = [{ rev: { $lte: begunAt } }, { epoch: { $lt: epoch } }, { rev: { $gt: head.rev } }, { seq: { $gt: head.seq } }];
    return this.#many({ thread_id: oid(threadId), rev: { $gt: rev }, $or: others }, { rev: 1 }, limit);
  }

  async replies(threadId: string, messageId: string, afterSeq: number, limit: number): Promise<MessageRecord[]> {
    return this.#many({ thread_id: oid(threadId), reply_to: oid(messageId), seq: { $gt: afterSeq } }, { seq: 1 }, limit);
  }

  async texts(ids: readonly string[]): Promise<Pick<MessageRecord, 'id' | 'thread_id' | 'rev' | 'content'>[]> {
    if (ids.length === 0) return [];
    const found = await reading(() =>
      this.#messages
        .find({ _id: { $in: oids(ids) }, deleted_at: { $exists: false } }, { batchSize: ids.length + 1, ...this.#bound })
        .project<Pick<MessageDocument, '_id' | 'thread_id' | 'rev' | 'content'>>({ thread_id: 1, rev: 1, content: 1 })
        .toArray(),
    );
    return found.map(({ _id, thread_id, rev, content }) => ({ id: _id.toHexString(), thread_id: thread_id.toHexString(), rev, content }));
  }

  writtenBy(
    author: string,
    communities: readonly string[],
    { before, wanted, without = [] }: Parameters<MessageRepository['writtenBy']>[2],
  ): AsyncIterable<Written> {
    const hidden = new Map<string, string[]>(without.map(({ community_id }) => [community_id, []]));
    for (const { id, community_id } of without) hidden.get(community_id)!.push(id);
    const among = (places: readonly string[]) => ({ author, places, hidden: places.flatMap((place) => hidden.get(place) ?? []) });
    return newestAmong<Written>(communities, {
      some: (places, limit) => this.#written(among(places), before, { limit }),
      of: (place, last, limit) => this.#written(among([place]), last ?? before, { limit, sort: { created_at: -1, _id: -1 } }),
      wanted,
      few: fewWritten,
    });
  }

  #written(
    { author, places, hidden }: { author: string; places: readonly string[]; hidden: readonly string[] },
    last: Key | undefined,
    options: { limit: number; sort?: Sort },
  ): Promise<Written[]> {
    const communities = oids(places);
    const filter: Filter<MessageDocument> = {
      author: oid(author),
      community_id: communities.length === 1 ? communities[0]! : { $in: communities },
      deleted_at: { $exists: false },
      ...(hidden.length > 0 && { thread_id: { $nin: oids(hidden) } }),
    };
    if (last) {
      const at = date(last.created_at);
      filter.created_at = { $lte: at };
      filter.$or = [{ created_at: { $lt: at } }, { _id: { $lt: oid(last.id) } }];
    }
    return reading(async () => {
      const found = this.#messages.find(filter, { ...options, batchSize: options.limit + 1, ...this.#bound });
      const keys = await found
        .project<Pick<MessageDocument, '_id' | 'thread_id' | 'community_id' | 'created_at'>>({
          thread_id: 1,
          community_id: 1,
          created_at: 1,
        })
        .toArray();
      return keys.map(({ _id, thread_id, community_id, created_at }) => ({
        id: _id.toHexString(),
        thread_id: thread_id.toHexString(),
        community_id: community_id.toHexString(),
        created_at: created_at.getTime(),
      }));
    });
  }

  async countLive(threadId: string): Promise<number> {
    return reading(() => this.#messages.countDocuments({ thread_id: oid(threadId), deleted_at: { $exists: false } }, this.#bound));
  }

  async countDeleted(threadId: string, { after, upTo }: { after: number; upTo: number }, most: number): Promise<number> {
    const deleted = { thread_id: oid(threadId), seq: { $gt: after, $lte: upTo }, deleted_at: { $exists: true } };
    return reading(() => this.#messages.countDocuments(deleted, { limit: most, ...this.#bound }));
  }

  async newestLiving(threadId: string, below: number): Promise<Pick<MessageRecord, 'seq' | 'created_at'> | null> {
    const living = { thread_id: oid(threadId), seq: { $lt: below }, deleted_at: { $exists: false } };
    const found = await reading(() => this.#messages.findOne(living, { sort: { seq: -1 }, projection: placeAndTime, ...this.#bound }));
    return found && { seq: found.seq, created_at: found.created_at.getTime() };
  }

  /** Several of one moment lie in no order in the index: those that follow the one it gives are looked at by their seqs. */
  async seqAt(threadId: string, at: number): Promise<number> {
    const thread_id = oid(threadId);
    const before = { thread_id, created_at: { $lte: date(at) } };
    const found = await reading(() =>
      this.#messages.findOne(before, { sort: { created_at: -1 }, projection: placeAndTime, ...this.#bound }),
    );
    let seq = found?.seq ?? 0;
    for (const width of found ? followersLookedAt : []) {
      const next = await reading(() =>
        this.#messages
          .find(
            { thread_id, seq: { $gt: seq, $lte: seq + width } },
            { sort: { seq: 1 }, projection: placeAndTime, batchSize: width + 1, ...this.#bound },
          )
          .toArray(),
      );
      const later = next.findIndex(({ created_at }) => created_at.getTime() > at);
      seq = (later < 0 ? next.at(-1) : next[later - 1])?.seq ?? seq;
      if (later >= 0 || next.length < width) break;
    }
    return seq;
  }

  /**
   * What is new shows by its id, and there may be much of it: the server answers it by thread. What was written over shows by
   * `changed_at`. Walked in pages rather than by one cursor, so that a long sweep holds nothing open and each step is bounded in
   * time.
   */
  async *threadsChangedSince(ms: number): AsyncIterable<{ thread_id: string; rev: number }> {
    let ids: Condition<ObjectId> = { $gte: oid(firstIdAt(ms)) };
    for (let page = await this.#newIn(ids); page.length > 0; page = await this.#newIn(ids)) {
      for (const { _id, rev } of page) yield { thread_id: _id.toHexString(), rev };
      if (page.reduce((sum, { count }) => sum + count, 0) < sweptAtOnce) break;
      ids = { $gt: page.map(({ last }) => last).reduce((a, b) => (a.toHexString() > b.toHexString() ? a : b)) };
    }
    const order: Sort = { changed_at: 1, _id: 1 };
    for (let page = await this.#page({ changed_at: { $gte: date(ms) } }, order); page.length > 0; ) {
      yield* highestRevs(page);
      if (page.length < changedAtOnce) break;
      const { changed_at, _id } = page.at(-1)!;
      page = await this.#page(
        { changed_at: { $gte: changed_at! }, $or: [{ changed_at: { $gt: changed_at! } }, { _id: { $gt: _id } }] },
        order,
      );
    }
  }

  /** Goes on until nothing is left; a crash in between leaves the rest for the next call. */
  async purge(threadId: string, limit: number): Promise<number> {
    for (let gone = 0; ; ) {
      const ids = await reading(() =>
        this.#messages
          .find({ thread_id: oid(threadId) }, this.#bound)
          .project<{ _id: ObjectId }>({ _id: 1 })
          .limit(limit)
          .toArray(),
      );
      if (ids.length === 0) return gone;
      const result = await writing(() => this.#messages.deleteMany({ _id: { $in: ids.map(({ _id }) => _id) } }));
      gone += result.deletedCount;
      if (ids.length < limit) return gone;
    }
  }

  async #one(filter: Filter<MessageDocument>): Promise<MessageRecord | null> {
    const found = await reading(() => this.#messages.findOne(filter, this.#bound));
    return found && messageRecord(found);
  }

  async #many(filter: Filter<MessageDocument>, sort: Sort, limit: number): Promise<MessageRecord[]> {
    const found = await reading(() => this.#messages.find(filter, { sort, limit, batchSize: limit || 1_000, ...this.#bound }).toArray());
    return messageRecords(found);
  }

  async #highest(threadId: string, field: 'seq' | 'rev'): Promise<number> {
    const found = await reading(() =>
      this.#messages.findOne({ thread_id: oid(threadId) }, { sort: { [field]: -1 }, projection: { _id: 0, [field]: 1 }, ...this.#bound }),
    );
    return found?.[field] ?? 0;
  }

  /** Of the next messages by id: their threads, how many there are of each, its highest rev and last id among them. */
  #newIn(ids: Condition<ObjectId>) {
    return reading(() =>
      this.#messages
        .aggregate<{ _id: ObjectId; rev: number; last: ObjectId; count: number }>(
          [
            { $match: { _id: ids } },
            { $sort: { _id: 1 } },
            { $limit: sweptAtOnce },
            { $group: { _id: '$thread_id', rev: { $max: '$rev' }, last: { $max: '$_id' }, count: { $sum: 1 } } },
          ],
          { ...this.#bound, batchSize: sweptAtOnce },
        )
        .toArray(),
    );
  }

  #page(filter: Filter<MessageDocument>, sort: Sort) {
    return reading(() =>
      this.#messages
        .find(filter, { sort, limit: changedAtOnce, batchSize: changedAtOnce, ...this.#bound })
        .project<Pick<MessageDocument, '_id' | 'thread_id' | 'rev' | 'changed_at'>>({ thread_id: 1, rev: 1, changed_at: 1 })
        .toArray(),
    );
  }
}

function* highestRevs(page: readonly Pick<MessageDocument, 'thread_id' | 'rev'>[]): Iterable<{ thread_id: string; rev: number }> {
  const highest = new Map<string, number>();
  for (const { thread_id, rev } of page) {
    const thread = thread_id.toHexString();
    highest.set(thread, Math.max(rev, highest.get(thread) ?? 0));
  }
  for (const [thread_id, rev] of highest) yield { thread_id, rev };
}

import type { Attachment } from '../../protocol/resources.js';

/** Whom a text mentions. */
export interface Named {
  /** One twice when the text has a name of before and one of now. */
  mentions: string[];
  /**
   * By which name, lower-case, each of them was mentioned: theirs when it was written. Absent when nobody was, and in
   * older records.
   */
  mention_names?: string[];
}

export interface MessageRecord extends Named {
  id: string;
  thread_id: string;
  community_id: string;
  seq: number;
  rev: number;
  author: string;
  content: string;
  created_at: number;
  edited_at: number | null;
  deleted_at: number | null;
  reply_to: string | null;
  attachments: Attachment[];
  reactions: { emoji: string; members: string[] }[];
  nonce: string | null;
  /** The owner's epoch at its last change, for those who check histories. */
  epoch: number;
}

/**
 * `stored`: it is durable. `taken`: a unique index refused it (its seq, rev, nonce or id is there already) and nothing was
 * written. `stale`: the record no longer has the rev that was named, nothing was written. `unknown`: no answer; it may be
 * stored, now or a little later.
 */
export type WriteOutcome = 'stored' | 'taken' | 'stale' | 'unknown';

/** What an owner of a thread knows of it: the rev that it found when it began, its epoch, and where the thread stands. */
export interface Known {
  begunAt: number;
  epoch: number;
  head: { seq: number; rev: number };
}

export interface MessageRepository {
  /**
   * Group commit: what arrives while a write is under way forms the next one; each record gets its own outcome, in order. A
   * refused record does not hold up the others. Never rejects.
   */
  append(messages: readonly MessageRecord[]): Promise<WriteOutcome[]>;
  /** Writes a changed record over the one whose rev is still `ifRev`; batched likewise. Never rejects. */
  change(message: MessageRecord, ifRev: number): Promise<WriteOutcome>;
  byId(id: string): Promise<MessageRecord | null>;
  byIds(ids: readonly string[]): Promise<MessageRecord[]>;
  byNonce(threadId: string, author: string, nonce: string): Promise<MessageRecord | null>;
  /** Of these (author, nonce) pairs of a thread, the records that exist. For imports. */
  byNonces(threadId: string, pairs: readonly { author: string; nonce: string }[]): Promise<MessageRecord[]>;
  /** The highest seq and rev that are stored, 0 when there are none: two reads at the end of an index. */
  head(threadId: string): Promise<{ seq: number; rev: number }>;
  /** The newest records, ascending by seq, and the highest rev that is stored, read after them: two reads, one for an empty thread. */
  tail(threadId: string, limit: number): Promise<{ messages: MessageRecord[]; rev: number }>;
  /** Records with from ≤ seq < to, ascending; a range bounded on both sides, at most 1,000 wide. */
  range(threadId: string, from: number, to: number): Promise<MessageRecord[]>;
  /** What changed after a rev, by rev, ascending. */
  changedAfter(threadId: string, rev: number, limit: number): Promise<MessageRecord[]>;
  /**
   * What changed in several threads after a rev of each, by thread id and then by rev, ascending: the first `limit` of all. When so
   * many come, the thread of the last one may have more, and none after it by id was looked at.
   */
  changedInThreads(threads: readonly { thread_id: string; rev: number }[], limit: number): Promise<MessageRecord[]>;
  /**
   * Of the same what such an owner may not know: all up to the rev that it found, what was written under epochs before, and what
   * lies beyond its head.
   */
  changedByOthersAfter(threadId: string, rev: number, known: Known, limit: number): Promise<MessageRecord[]>;
  /** Replies to a message with seq > afterSeq, ascending. */
  replies(threadId: string, messageId: string, afterSeq: number, limit: number): Promise<MessageRecord[]>;
  /** Of those that are not deleted what they say, and no more of them: a search compares many and shows few. */
  texts(ids: readonly string[]): Promise<Pick<MessageRecord, 'id' | 'thread_id' | 'rev' | 'content'>[]>;
  /**
   * Of an author's messages in some communities those that are not deleted, newest first (by created_at then id), older than a key where
   * one is given; about so many are wanted. `without`: threads that are passed over, by the query itself. Costs what is taken, whatever
   * the author wrote elsewhere.
   */
  writtenBy(
    author: string,
    communities: readonly string[],
    from: {
      before?: { created_at: number; id: string } | undefined;
      wanted: number;
      without?: readonly { id: string; community_id: string }[];
    },
  ): AsyncIterable<Pick<MessageRecord, 'id' | 'thread_id' | 'community_id' | 'created_at'>>;
  countLive(threadId: string): Promise<number>;
  /** How many deleted ones there are with after < seq ≤ upTo; counts to `most` and no further. */
  countDeleted(threadId: string, place: { after: number; upTo: number }, most: number): Promise<number>;
  /** The newest one that is not deleted, of those with seq < below. */
  newestLiving(threadId: string, below: number): Promise<Pick<MessageRecord, 'seq' | 'created_at'> | null>;
  /**
   * Where a thread stood at a time: the seq of the newest message that was created by then, deleted or not; 0 when
   * there was none. A few bounded reads, however long the thread is.
   */
  seqAt(threadId: string, at: number): Promise<number>;
  /**
   * Every thread in which something was stored or changed at or after a time (by the storing clock, not created_at), with its
   * highest rev among those. For sweeps; streams, any order, a thread may come more than once.
   */
  threadsChangedSince(ms: number): AsyncIterable<{ thread_id: string; rev: number }>;
  /** Removes a thread's messages in steps of `limit`; answers how many went. Only for a thread marked deleted. */
  purge(threadId: string, limit: number): Promise<number>;
}

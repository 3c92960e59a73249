/** What can be found. `id` is the message's or the thread's. Of the text only the terms are kept: what is shown is read anew. */
export interface SearchRecord {
  id: string;
  /**
   * All documents of one scope are for the same people: the community's id, or the thread's while it is closed. A search names the
   * scopes that it is for.
   */
  scope: string;
  /** The thread's, when the scope was taken from it; absent is 0. What says less is outdated, whatever its rev. */
  scope_since?: number | undefined;
  kind: 'message' | 'thread';
  community_id: string;
  thread_id: string;
  /** Author, or who began the thread. */
  author: string;
  created_at: number;
  seq: number;
  /** The message's; 0 for a thread. */
  rev: number;
  text: string;
}

/** That a message is not to be found any more, as of this rev. */
export type SearchRemoval = Pick<SearchRecord, 'id' | 'community_id' | 'thread_id' | 'rev' | 'scope_since'>;

/** What may be a hit; its text is not known yet. */
export type SearchCandidate = Pick<SearchRecord, 'id' | 'scope' | 'community_id' | 'thread_id' | 'created_at' | 'rev'>;

/** What a candidate says now. `rev` is null where changes are not numbered. */
export interface PresentText {
  text: string;
  rev: number | null;
}

/** Asks about candidates anew, by id: those that are gone, or not for the asker any more, are left out of its answer. */
export type Present = (candidates: readonly SearchCandidate[]) => Promise<ReadonlyMap<string, PresentText>>;

/** `snippet`: plain text of `text`, with the matches between « and ». */
export interface SearchHit {
  candidate: SearchCandidate;
  text: string;
  score: number;
  snippet: string;
}

export interface SearchQuery {
  kind: 'message' | 'thread';
  /**
   * As typed: words are stemmed and all must occur, "quoted words" are a phrase, -word excludes. What has words that only begin like
   * those that were typed comes after what has them whole.
   */
  q: string;
  /** Where to look, and nowhere else. */
  scopes: readonly string[];
  thread_id?: string | undefined;
  author?: string | undefined;
  before?: number | undefined;
  after?: number | undefined;
}

/**
 * Where a search goes on: behind so many of the ranked hits, none of which is newer than `newest`, or with what is older than one of
 * the hits. `wider`: among what only begins like the words that were typed.
 */
export type SearchPlace =
  | { skip: number; newest?: number | undefined; wider?: true | undefined }
  | { created_at: number; id: string; wider?: true | undefined };

export type Consumer = 'search' | 'notify';
/**
 * How far a consumer has come with a thread. `scope_since`: the thread's, as of which it counts; what is marked as of
 * an older one does not.
 */
export interface Mark {
  rev: number;
  scope_since: number;
}
/** Who goes through everything now and then. `terms-…`: brings the index over to that version of the terms. */
export type Sweeper = Consumer | `terms-${number}`;

/** A document of the index. `isCurrent`: under the terms of this release; what a removal has left is always so. */
export interface IndexedRecord extends Pick<SearchRecord, 'id' | 'community_id' | 'thread_id' | 'rev'> {
  kind: SearchRecord['kind'] | 'removed';
  isCurrent: boolean;
}

export interface SearchRepository {
  /** Of the terms under which it writes. */
  readonly termsVersion: number;
  /**
   * Writes over what is there under the same id, unless that is of a later `scope_since`, or of the same and a higher rev: a write that
   * comes late changes nothing.
   */
  index(records: readonly SearchRecord[]): Promise<void>;
  /** Takes records of no higher rev away, for good as far as lower revs go: what is left behind goes with its thread. */
  remove(removals: readonly SearchRemoval[]): Promise<void>;
  /** All that is indexed, by id, from the first or behind one. */
  indexed(after: string | null, limit: number): Promise<IndexedRecord[]>;
  /** About how many that are. */
  size(): Promise<number>;
  removeByThread(threadId: string): Promise<void>;
  /**
   * Takes away what was indexed of a thread before it was closed or opened at `scopeSince`. Nothing of that is found any more when it
   * resolves, but for what a worker is writing in this moment; the next visit takes that away. In steps: after a fault the same call goes
   * on. Twice, or after the thread was indexed anew, is harmless.
   */
  removeBefore(threadId: string, scopeSince: number): Promise<void>;
  removeByCommunity(communityId: string): Promise<void>;
  /**
   * The newest hits best first, then what is older, newest first, to the very last. Candidates come from the index.
   * Whether they are hits, which come first and where the next page begins is decided from what `present` answers alone.
   */
  find(
    query: SearchQuery,
    page: { place: SearchPlace; limit: number },
    present: Present,
  ): Promise<{ hits: SearchHit[]; next: SearchPlace | null }>;
  /** How far a consumer has worked each thread off; 0 and 0 when never. */
  progress(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, Mark>>;
  /** Never goes back: the later `scope_since` wins (absent is 0), of the same the higher rev. */
  setProgress(consumer: Consumer, marks: readonly { thread_id: string; rev: number; scope_since?: number }[]): Promise<void>;
  /** When a sweep last ended, ms; 0 when never. */
  swept(sweeper: Sweeper): Promise<number>;
  setSwept(sweeper: Sweeper, at: number): Promise<void>;
}

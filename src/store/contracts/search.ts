/** What can be found. `id` is the message's or the thread's. */
export interface SearchRecord {
  id: string;
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
export type SearchRemoval = Pick<SearchRecord, 'id' | 'community_id' | 'thread_id' | 'rev'>;

/** Plain text with the matches between « and ». */
export interface SearchHit {
  record: SearchRecord;
  score: number;
  snippet: string;
}

export interface SearchQuery {
  kind: 'message' | 'thread';
  /** As typed: words are stemmed and all must occur, "quoted words" are a phrase, -word excludes. */
  q: string;
  community_id?: string | undefined;
  thread_id?: string | undefined;
  author?: string | undefined;
  before?: number | undefined;
  after?: number | undefined;
}

export type Consumer = 'search' | 'notify';

export interface SearchRepository {
  /** Writes over what is there under the same id, unless that is of a higher rev: a write that comes late changes nothing. */
  index(records: readonly SearchRecord[]): Promise<void>;
  /** Takes records of no higher rev away, for good as far as lower revs go: what is left behind goes with its thread. */
  remove(removals: readonly SearchRemoval[]): Promise<void>;
  removeByThread(threadId: string): Promise<void>;
  removeByCommunity(communityId: string): Promise<void>;
  /** Best first, then newest; `offset` and `limit` count hits. Permission is the asker's affair: it filters what comes back. */
  find(query: SearchQuery, offset: number, limit: number): Promise<SearchHit[]>;
  /** Up to which rev a consumer has worked a thread off; 0 when never. */
  progress(consumer: Consumer, threadIds: readonly string[]): Promise<Map<string, number>>;
  /** Never goes back. */
  setProgress(consumer: Consumer, marks: readonly { thread_id: string; rev: number }[]): Promise<void>;
  /** When a consumer's sweep last ended, ms; 0 when never. */
  swept(consumer: Consumer): Promise<number>;
  setSwept(consumer: Consumer, at: number): Promise<void>;
}

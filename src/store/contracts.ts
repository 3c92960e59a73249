import type { Attachment, Presence, Role } from '../protocol/resources.js';

/**
 * What the product asks of its store: records as they are kept, and the calls on them, one repository a collection.
 * `mongo/` keeps them in MongoDB, `memory/` is the twin for tests and simulation; one conformance suite holds both.
 *
 * Ids are 24 hex digits, times are milliseconds since 1970. No call needs a transaction: what must hold rests on unique
 * indexes and on conditions on one document. Every call may reject with Fault `unavailable` (nothing was written) or
 * `timeout` (a write whose outcome is unknown), unless it says that it answers outcomes instead.
 */
export interface Store {
  readonly members: MemberRepository;
  readonly communities: CommunityRepository;
  readonly memberships: MembershipRepository;
  readonly threads: ThreadRepository;
  readonly messages: MessageRepository;
  readonly reads: ReadRepository;
  readonly notifications: NotificationRepository;
  readonly search: SearchRepository;
  readonly sessions: SessionRepository;
  readonly epochs: EpochRepository;
  /** Rejects when the store does not answer within a second. */
  ping(): Promise<void>;
}

/** Where a listing goes on: the sort key of the last item seen. Opaque to clients, encoded by the gateway. */
export interface Slice<K> {
  after?: K | undefined;
  limit: number;
}

// ── Members ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MemberRecord {
  id: string;
  username: string;
  email: string;
  password_hash: string | null;
  full_name: string | null;
  avatar_url: string | null;
  bio: string | null;
  joined_at: number;
  is_active: boolean;
  /** As the member's actor last wrote it; after `fresh_until` it counts as offline, whoever crashed. */
  presence: { state: Presence['state']; text: string | null; last_active_at: number | null; fresh_until: number };
}

export type ProfilePatch = Partial<Pick<MemberRecord, 'username' | 'email' | 'full_name' | 'avatar_url' | 'bio'>>;

export interface MemberRepository {
  /**
   * Usernames and e-mails are unique without regard to case. Fault `conflict` with `errors: [{path}]` naming `username` or
   * `email`. The same id again is harmless (it keeps the first).
   */
  insert(member: MemberRecord): Promise<void>;
  /** Many at once, for imports; answers the ids that were new. Passed over: who is there, and whose name or e-mail is another's. */
  putMissing(members: readonly MemberRecord[]): Promise<string[]>;
  byId(id: string): Promise<MemberRecord | null>;
  /** Those that exist, in any order. */
  byIds(ids: readonly string[]): Promise<MemberRecord[]>;
  byUsername(username: string): Promise<MemberRecord | null>;
  /** Ids by lower-case username, for those that exist and are active. */
  idsByUsernames(usernames: readonly string[]): Promise<Map<string, string>>;
  /** By username or e-mail, without regard to case. */
  byLogin(login: string): Promise<MemberRecord | null>;
  /** The changed record, null when there is none. Fault `conflict` as for insert. */
  update(id: string, patch: ProfilePatch): Promise<MemberRecord | null>;
  deactivate(id: string): Promise<boolean>;
  /** Active members by lower-case username; `q` is a prefix of the username or of a word of the full name, case-insensitive. */
  list(filter: { q?: string | undefined }, slice: Slice<string>): Promise<MemberRecord[]>;
  /** Many at once; what is unknown is passed over. May be written late and coalesced: it is a hint. */
  setPresence(changes: readonly { id: string; presence: MemberRecord['presence'] }[]): Promise<void>;
}

// ── Communities and memberships ──────────────────────────────────────────────────────────────────────────────────────

export interface CommunityRecord {
  id: string;
  name: string;
  description: string | null;
  created_by: string;
  created_at: number;
  updated_at: number;
  member_count: number;
  is_public: boolean;
  tags: string[];
  avatar_url: string | null;
  deleted_at: number | null;
}

export type CommunityPatch = Partial<
  Pick<CommunityRecord, 'name' | 'description' | 'is_public' | 'tags' | 'avatar_url' | 'member_count' | 'updated_at' | 'deleted_at'>
>;

export interface CommunityRepository {
  /** The same id again is harmless (it keeps the first). */
  insert(community: CommunityRecord): Promise<void>;
  /** Also the deleted ones, marked. */
  byId(id: string): Promise<CommunityRecord | null>;
  byIds(ids: readonly string[]): Promise<CommunityRecord[]>;
  update(id: string, patch: CommunityPatch): Promise<CommunityRecord | null>;
  /**
   * Not deleted ones, by name then id. `visible` are ids that are listed although they are not public; `only` restricts to
   * these ids. `q` is looked for in the name, case-insensitive.
   */
  list(
    filter: { visible: readonly string[]; only?: readonly string[] | undefined; q?: string | undefined; tag?: string | undefined },
    slice: Slice<{ name: string; id: string }>,
  ): Promise<CommunityRecord[]>;
}

export interface MembershipRecord {
  community_id: string;
  member_id: string;
  role: Role;
  /** `left` and `banned` keep their document: a ban must outlive the membership. */
  state: 'active' | 'left' | 'banned';
  joined_at: number;
  /** Until when sending is refused; null: not muted. */
  muted_until: number | null;
  /** Counts the writes from 1: each of them stands upon the one before it. 0 for what an older release wrote. */
  version: number;
}

export interface MembershipRepository {
  get(communityId: string, memberId: string): Promise<MembershipRecord | null>;
  /**
   * Writes the whole record upon the version before its own (version 1 upon nothing); false, and nothing written, when that is not
   * what is stored. So of two writers one loses, and a write that lands late finds no place.
   */
  put(record: MembershipRecord): Promise<boolean>;
  /** For imports: new ones only, what is there stays. */
  putMissing(records: readonly MembershipRecord[]): Promise<void>;
  /** Active ones by joined_at, then member id. */
  listByCommunity(communityId: string, slice: Slice<{ joined_at: number; member_id: string }>): Promise<MembershipRecord[]>;
  /** Active ones, all of them (a member is in hundreds at most; bounded at 10,000). */
  listByMember(memberId: string): Promise<MembershipRecord[]>;
  countActive(communityId: string): Promise<number>;
  listOwners(communityId: string): Promise<MembershipRecord[]>;
}

// ── Threads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ThreadRecord {
  id: string;
  community_id: string;
  title: string;
  content: string | null;
  created_by: string;
  created_at: number;
  updated_at: number;
  last_activity: number;
  is_pinned: boolean;
  tags: string[];
  deleted_at: number | null;
  /** Derived from the messages; may lag behind them and is repaired from them. */
  message_count: number;
  last_seq: number;
  head_rev: number;
  /** What a purge has taken away: seq and rev never go below these. */
  floor_seq: number;
  floor_rev: number;
}

export type ThreadPatch = Partial<Omit<ThreadRecord, 'id' | 'community_id' | 'created_by' | 'created_at'>>;

export interface ThreadRepository {
  /** The same id again is harmless (it keeps the first). */
  insert(thread: ThreadRecord): Promise<void>;
  /** Many at once, for imports; what is there stays. */
  putMissing(threads: readonly ThreadRecord[]): Promise<void>;
  /** Also the deleted ones, marked. */
  byId(id: string): Promise<ThreadRecord | null>;
  byIds(ids: readonly string[]): Promise<ThreadRecord[]>;
  update(id: string, patch: ThreadPatch): Promise<ThreadRecord | null>;
  /** Derived figures of many threads in one write; last_seq, head_rev and last_activity never go back. Coalesced by the caller. */
  setHeads(
    heads: readonly { id: string; last_seq: number; head_rev: number; message_count: number; last_activity: number }[],
  ): Promise<void>;
  /** Not deleted ones: pinned first, then last_activity descending, then id. */
  listByCommunity(communityId: string, slice: Slice<{ is_pinned: boolean; last_activity: number; id: string }>): Promise<ThreadRecord[]>;
  /** Marks all of a community's threads deleted; answers how many. */
  deleteByCommunity(communityId: string, at: number): Promise<number>;
}

// ── Messages: the commit ─────────────────────────────────────────────────────────────────────────────────────────────

export interface MessageRecord {
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
  mentions: string[];
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
  /** Not deleted ones, by created_at then id, descending. */
  byAuthor(author: string, slice: Slice<{ created_at: number; id: string }>): Promise<MessageRecord[]>;
  countLive(threadId: string): Promise<number>;
  /**
   * Every thread in which something was stored or changed at or after a time (by the storing clock, not created_at), with its
   * highest rev among those. For sweeps; streams, any order, a thread may come more than once.
   */
  threadsChangedSince(ms: number): AsyncIterable<{ thread_id: string; rev: number }>;
  /** Removes a thread's messages in steps of `limit`; answers how many went. Only for a thread marked deleted. */
  purge(threadId: string, limit: number): Promise<number>;
}

// ── Read cursors, notifications ──────────────────────────────────────────────────────────────────────────────────────

export interface ReadRecord {
  thread_id: string;
  member_id: string;
  seq: number;
  at: number;
}

export interface ReadRepository {
  get(threadId: string, memberId: string): Promise<ReadRecord | null>;
  forMember(memberId: string, threadIds: readonly string[]): Promise<ReadRecord[]>;
  /** Raises cursors; a lower seq changes nothing. */
  raise(records: readonly ReadRecord[]): Promise<void>;
}

export interface NotificationRecord {
  id: string;
  member_id: string;
  kind: 'mention' | 'reply';
  community_id: string;
  thread_id: string;
  message_id: string;
  seq: number;
  actor: string;
  created_at: number;
  read_at: number | null;
}

export interface NotificationRepository {
  /** One for one (member, message, kind), ever: answers the ones that are new. */
  insert(notifications: readonly NotificationRecord[]): Promise<NotificationRecord[]>;
  /** By created_at then id, descending. */
  list(
    memberId: string,
    filter: { unread?: boolean | undefined },
    slice: Slice<{ created_at: number; id: string }>,
  ): Promise<NotificationRecord[]>;
  /** All unread when no ids are given; answers how many were marked. */
  markRead(memberId: string, ids: readonly string[] | undefined, at: number): Promise<number>;
}

// ── Search ───────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface SessionRecord {
  id: string;
  member_id: string;
  created_at: number;
  last_used_at: number;
  /** After this it is dead without having been ended; such documents are removed by the store itself. */
  expires_at: number;
  user_agent: string | null;
  ip: string | null;
  ended_at: number | null;
}

export interface RefreshTokenRecord {
  /** SHA-256 of the token: the token itself is never kept. */
  hash: string;
  session_id: string;
  expires_at: number;
  used_at: number | null;
}

export interface SessionRepository {
  insert(session: SessionRecord): Promise<void>;
  byId(id: string): Promise<SessionRecord | null>;
  /** Living ones, last used first, at most 200. */
  listByMember(memberId: string, now: number): Promise<SessionRecord[]>;
  touch(id: string, at: number, expiresAt: number): Promise<void>;
  /** Answers whether this call ended it. */
  end(id: string, at: number): Promise<boolean>;
  /** Answers the ids that this call ended. */
  endByMember(memberId: string, at: number): Promise<string[]>;
  insertToken(token: RefreshTokenRecord): Promise<void>;
  token(hash: string): Promise<RefreshTokenRecord | null>;
  /** Sets used_at if it was null; answers whether this call did. */
  useToken(hash: string, at: number): Promise<boolean>;
}

// ── Cluster ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface EpochRepository {
  /** Keeps the highest epoch ever shown and answers it. What Redis may forget, this remembers. */
  raise(epoch: number): Promise<number>;
}

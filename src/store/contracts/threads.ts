import type { Audience } from '../../authority/closure.js';
import type { OverrideRecord } from '../../authority/overrides.js';
import type { Named } from './messages.js';
import type { Slice } from './slice.js';
import type { Untold, UntoldRecords } from './untold.js';

/** `mentions`: whom the opening text mentions; absent when nobody. */
export interface ThreadRecord extends Partial<Named> {
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
  /** Whom the opening text mentions; absent when nobody. */
  mentions?: string[];
  /**
   * What it allows or denies to some; absent when nothing. At most `mostOverrides`. It is closed when one denies
   * `view`.
   */
  overrides?: OverrideRecord[];
  /** Counts the writes of the overrides: each of them stands upon the one before it. Absent: none. */
  overrides_version?: number;
  /**
   * When it was last closed or opened, ms, and later each time; absent while it is as it was begun. See
   * `withOverrides`.
   */
  scope_since?: number;
  /** Derived from the messages; may lag behind them and is repaired from them. */
  message_count: number;
  last_seq: number;
  head_rev: number;
  /** What a purge has taken away: seq and rev never go below these. */
  floor_seq: number;
  floor_rev: number;
}

/** `mentions: []` takes them away, and their names. */
export type ThreadPatch = Partial<
  Omit<ThreadRecord, 'id' | 'community_id' | 'created_by' | 'created_at' | 'overrides' | 'overrides_version' | 'scope_since'>
>;

/** All overrides of a thread at once; `[]` takes them away. `scope_since`: it is closed or opened by that. */
export type OverridesChange = { overrides: OverrideRecord[]; overrides_version: number; scope_since?: number };

/** A closed thread that somebody may view. */
export type ClosedThread = Pick<ThreadRecord, 'id' | 'community_id' | 'last_activity'>;

/** Where a thread stands: what marks of the unread need of it. */
export type ThreadHead = Pick<ThreadRecord, 'id' | 'community_id' | 'last_seq' | 'last_activity'>;

/**
 * Open threads are items of their community's ledger (see `store/thread-items.ts`): each write that changes what such
 * an item shows, or whether there is to be one, leaves a mark, and `untold`, `told` and `untoldMembers` are by
 * community. A closed thread may be marked too.
 */
export interface ThreadRepository extends UntoldRecords<ThreadRecord> {
  /** The same id again is harmless (it keeps the first). */
  insert(thread: ThreadRecord): Promise<void>;
  /** Many at once, for imports; what is there stays. */
  putMissing(threads: readonly ThreadRecord[]): Promise<void>;
  /** Also the deleted ones, marked. */
  byId(id: string): Promise<ThreadRecord | null>;
  byIds(ids: readonly string[]): Promise<ThreadRecord[]>;
  update(id: string, patch: ThreadPatch): Promise<ThreadRecord | null>;
  /**
   * Writes the overrides upon the version before this one; false, and nothing written, when that is not what is stored.
   * So of two writers one loses, and a write that lands late finds no place.
   */
  setOverrides(thread: Pick<ThreadRecord, 'id' | 'community_id'>, change: OverridesChange): Promise<boolean>;
  /**
   * Derived figures of many threads in one write. They belong together: those of the higher head_rev win as a whole, of
   * the same one the later ones. So last_activity falls back when a last message is deleted. Coalesced by the caller.
   */
  setHeads(
    heads: readonly { id: string; last_seq: number; head_rev: number; message_count: number; last_activity: number }[],
  ): Promise<void>;
  /**
   * Those that are not deleted and that the audience may view: pinned first, then last_activity descending, then id.
   * Who may is decided by the query itself, so that neither a page nor its cursor nor its cost in commands tells of the
   * others.
   */
  listByCommunity(
    communityId: string,
    slice: Slice<{ is_pinned: boolean; last_activity: number; id: string }>,
    audience: Audience,
  ): Promise<ThreadRecord[]>;
  /**
   * Of communities with living open threads: when something happened last in any of them, ms. Closed ones count for
   * nothing.
   */
  latestActivity(communityIds: readonly string[]): Promise<Map<string, number>>;
  /**
   * Living closed threads of some communities that somebody may view: latest activity first, then id. One command for
   * all.
   */
  closedSeenBy(audiences: ReadonlyMap<string, Audience>, limit: number): Promise<ClosedThread[]>;
  /**
   * Living threads of some communities that somebody may view, open ones among them, in which something happened at or
   * after `since` (ms): latest activity first, then id. Costs few reads when few match, else short ones of each
   * community, however much they hold.
   */
  heads(
    audiences: ReadonlyMap<string, Audience>,
    slice: Slice<{ last_activity: number; id: string }> & { since?: number | undefined },
  ): Promise<ThreadHead[]>;
  /** Ids of living threads of a community in which an override of a member's own allows them something; any order. */
  naming(communityId: string, memberId: string, limit: number): Promise<string[]>;
  /**
   * Ids of living closed threads of some communities that somebody may not view: latest activity first. One command for
   * all.
   */
  closedHiddenFrom(audiences: ReadonlyMap<string, Audience>, limit: number): Promise<Pick<ClosedThread, 'id' | 'community_id'>[]>;
  /**
   * Living threads that were closed or opened at or after a time, with the rev that they had reached when it was last
   * written down; any order. For sweeps.
   */
  rescopedSince(ms: number): AsyncIterable<{ thread_id: string; scope_since: number; head_rev: number }>;
  /** Of these threads of a community those that are untold. */
  untoldAmong(communityId: string, ids: readonly string[]): Promise<Untold<ThreadRecord>[]>;
  /** Marks all of a community's threads deleted, and nothing of them as untold; answers how many. */
  deleteByCommunity(communityId: string, at: number): Promise<number>;
}

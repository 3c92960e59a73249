import type { Named } from './messages.js';
import type { Slice } from './slice.js';

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
  /** Derived from the messages; may lag behind them and is repaired from them. */
  message_count: number;
  last_seq: number;
  head_rev: number;
  /** What a purge has taken away: seq and rev never go below these. */
  floor_seq: number;
  floor_rev: number;
}

/** `mentions: []` takes them away, and their names. */
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
  /**
   * Derived figures of many threads in one write. They belong together: those of the higher head_rev win as a whole, of
   * the same one the later ones. So last_activity falls back when a last message is deleted. Coalesced by the caller.
   */
  setHeads(
    heads: readonly { id: string; last_seq: number; head_rev: number; message_count: number; last_activity: number }[],
  ): Promise<void>;
  /** Not deleted ones: pinned first, then last_activity descending, then id. */
  listByCommunity(communityId: string, slice: Slice<{ is_pinned: boolean; last_activity: number; id: string }>): Promise<ThreadRecord[]>;
  /** Of communities with living threads: when something happened last in any of them, ms. */
  latestActivity(communityIds: readonly string[]): Promise<Map<string, number>>;
  /** Marks all of a community's threads deleted; answers how many. */
  deleteByCommunity(communityId: string, at: number): Promise<number>;
}

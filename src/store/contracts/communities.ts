import type { RoleRecord } from '../../authority/roles.js';
import type { Kind } from '../../authority/snapshot.js';
import type { Slice } from './slice.js';

/** A projection of the community's ledger, beside `member_count`: see `store/community-items.ts`. */
export interface CommunityRecord {
  id: string;
  kind: Kind;
  name: string;
  description: string | null;
  created_by: string;
  /** The one owner. No membership says so: this field alone does. */
  owner_id: string;
  /** Who gave it to the present owner; null: nobody has, they founded it or came into it. */
  handed_over_by: string | null;
  /** Who owned it before the present owner; absent: nobody has. */
  owner_before?: string;
  /**
   * It has another owner, or was deleted, and memberships show that: a mark, set in the same write, that goes when they
   * are marked untold for it. Absent: nothing is owed.
   */
  untold?: string;
  /** Highest first, `everyone` last; absent: those that every community begins with. */
  roles?: RoleRecord[];
  created_at: number;
  updated_at: number;
  member_count: number;
  is_public: boolean;
  tags: string[];
  avatar_url: string | null;
  deleted_at: number | null;
  /**
   * Commits of its ledger up to this one are in it: 1 where it was only begun. One that is not there (yet) says what
   * the record says.
   */
  ledger_rev: number;
}

export type CommunityPatch = Partial<
  Pick<CommunityRecord, 'name' | 'description' | 'is_public' | 'tags' | 'avatar_url' | 'member_count' | 'updated_at' | 'deleted_at'>
>;

/** What follows from the commits. */
export type CommunityProjection = Pick<
  CommunityRecord,
  'name' | 'description' | 'is_public' | 'tags' | 'avatar_url' | 'owner_id' | 'handed_over_by' | 'updated_at' | 'deleted_at'
> & { roles?: RoleRecord[] | undefined };

/**
 * Memberships show who owns the community and whether it is there. `owner_before`: who owned it until now; absent: its
 * owner stays.
 */
export type OwedToMemberships = Pick<CommunityRecord, 'owner_before'>;

export interface CommunityRepository {
  /** The same id again is harmless (it keeps the first). */
  insert(community: CommunityRecord): Promise<void>;
  /** Also the deleted ones, marked. */
  byId(id: string): Promise<CommunityRecord | null>;
  byIds(ids: readonly string[]): Promise<CommunityRecord[]>;
  /** Of these the public ones that are not deleted. */
  publicAmong(ids: readonly string[]): Promise<string[]>;
  /** Past its ledger: for `member_count`, which does not follow from that. */
  update(id: string, patch: CommunityPatch): Promise<CommunityRecord | null>;
  /**
   * Writes the community as it is after commit `rev` of its ledger, where what is stored is of an earlier one: never an
   * older state over a newer one. Without `roles` those stay. With `owed` the same write marks it `untold` anew.
   * Harmless when repeated, late, or for one that is not there.
   */
  apply(id: string, rev: number, state: CommunityProjection, owed?: OwedToMemberships): Promise<void>;
  /** Some of those that were marked before a time (ms), those that were marked first. */
  untold(before: number, limit: number): Promise<CommunityRecord[]>;
  /** Takes the mark away if it is this one still. */
  told(id: string, mark: string): Promise<void>;
  /**
   * Not deleted ones, conversations left out, by folded name then id. `visible` are ids that are listed although they
   * are not public; `only` restricts to these ids. `q` is any part of the name, folded, with or without its hyphens and
   * the like; `tag` is compared folded.
   */
  list(
    filter: { visible: readonly string[]; only?: readonly string[] | undefined; q?: string | undefined; tag?: string | undefined },
    slice: Slice<{ name: string; id: string }>,
  ): Promise<CommunityRecord[]>;
}

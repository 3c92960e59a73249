import type { RoleRecord } from '../../authority/roles.js';
import type { Kind } from '../../authority/snapshot.js';
import type { Slice } from './slice.js';

export interface CommunityRecord {
  id: string;
  kind: Kind;
  name: string;
  description: string | null;
  created_by: string;
  /** The one owner. No membership says so: this field alone does. */
  owner_id: string;
  /** Counts the writes of the owner from 1: each of them stands upon the one before it. */
  owner_version: number;
  /** Who gave it to the present owner; null: nobody has, they founded it or came into it. */
  handed_over_by: string | null;
  /** Who owned it before the present owner; absent: nobody has. */
  owner_before?: string;
  /**
   * It has another owner, or was deleted, and memberships show that: a mark, set in the same write, that goes when they are marked untold
   * for it. Absent: nothing is owed.
   */
  untold?: string;
  /** Highest first, `everyone` last; absent: those that every community begins with. */
  roles?: RoleRecord[];
  /** Counts the writes of the roles: each of them stands upon the one before it. Absent: none. */
  roles_version?: number;
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

/** All roles of a community at once. */
export type RolesChange = { roles: RoleRecord[]; roles_version: number };

export type OwnerChange = Pick<CommunityRecord, 'owner_id' | 'owner_version' | 'handed_over_by' | 'owner_before'>;

export interface CommunityRepository {
  /** The same id again is harmless (it keeps the first). */
  insert(community: CommunityRecord): Promise<void>;
  /** Also the deleted ones, marked. */
  byId(id: string): Promise<CommunityRecord | null>;
  byIds(ids: readonly string[]): Promise<CommunityRecord[]>;
  /** Of these the public ones that are not deleted. */
  publicAmong(ids: readonly string[]): Promise<string[]>;
  update(id: string, patch: CommunityPatch): Promise<CommunityRecord | null>;
  /**
   * Names the owner upon the version before this one; false, and nothing written, when that is not what is stored. So of two writers
   * one loses, and a write that lands late finds no place.
   */
  setOwner(id: string, change: OwnerChange): Promise<boolean>;
  /** Some of those that were marked before a time (ms), those that were marked first. */
  untold(before: number, limit: number): Promise<CommunityRecord[]>;
  /** Takes the mark away if it is this one still. */
  told(id: string, mark: string): Promise<void>;
  /** Writes the roles, likewise upon the version before this one. */
  setRoles(id: string, change: RolesChange): Promise<boolean>;
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

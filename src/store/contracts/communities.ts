import type { Slice } from './slice.js';

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

import type { Slice } from './slice.js';
import type { UntoldRecords } from './untold.js';

export interface MembershipRecord {
  community_id: string;
  member_id: string;
  /** Roles beside `everyone`, by id; one that is not the community's any more counts for nothing. Who owns it stands there. */
  roles: string[];
  /**
   * `left` and `banned` keep their document: a ban must outlive the membership. `closed`: active until the account was closed, and
   * again once it is reopened; till then it counts for nothing.
   */
  state: 'active' | 'left' | 'banned' | 'closed';
  joined_at: number;
  /** When its member last marked all of the community as read; absent: never since the last joining. */
  read_at?: number;
  /** Until when sending is refused; null: not muted. */
  muted_until: number | null;
  /** Counts the writes from 1: each of them stands upon the one before it. 0 for what an older release wrote. */
  version: number;
}

/** The key of a membership among its member's is its community. Each write marks it untold. */
export interface MembershipRepository extends UntoldRecords<MembershipRecord> {
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
  /** Communities in which somebody is or was a member: where one may have written. Bounded likewise. */
  placesOf(memberId: string): Promise<string[]>;
  /** Active and closed ones, all of them, bounded likewise. */
  listBelonging(memberId: string): Promise<MembershipRecord[]>;
  countActive(communityId: string): Promise<number>;
  /** Marks them untold: what they show of the community has changed beside them. Those that are not there are passed over. */
  markUntold(communityId: string, memberIds: readonly string[]): Promise<void>;
  /** Takes away every one of a community that was deleted, in steps; what is left of each goes once its member's ledger knows. */
  removeByCommunity(communityId: string): Promise<void>;
  /** Active ones who hold a role, the first so many by joined_at, then member id. */
  listHolders(communityId: string, roleId: string, limit: number): Promise<MembershipRecord[]>;
}

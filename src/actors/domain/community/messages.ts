import type { Snapshot } from '../../../authority/snapshot.js';
import type { Community, Membership, Role, Thread } from '../../../protocol/resources.js';
import type { Named } from '../../../store/contracts.js';
import type { LedgerHead, SyncLedger } from '../../ledger/messages.js';
import type { Address, Answers } from '../../runtime/actor.js';
import type { RoleMessage } from './role-messages.js';

/** What a community's actor can be asked and told. Every command is safe to repeat. */

export const communityAddress = (id: string): Address => ({ kind: 'community', key: id });

/** How one member stands to one community; all permission is decided from this. */
export interface Access extends Snapshot {
  community_id: string;
  member_id: string;
  /** Version 1's word for it; null: not a member (any more). */
  role: Role | null;
  /** How high they stand: see `rankOf`. */
  rank: number;
  /** Grows with whatever changes how members stand here, over takeovers as well. */
  access_rev: number;
  /**
   * What came until then is not unread for a member: they joined then, or marked all as read, ms. Absent for others.
   */
  unread_since?: number;
}

/** Makes the community and its owner's membership. The id is the caller's, so that a repeat makes nothing twice. */
export type CreateCommunity = Answers<
  { type: 'create'; by: string; name: string; description: string | null; is_public: boolean; tags: string[]; avatar_url: string | null },
  Community
>;
/**
 * How a member stands. `not_found` when the community is not there. `watch` names a thread that is told
 * (`access_changed`) when this changes during the next minute.
 */
export type GetAccess = Answers<{ type: 'access'; member_id: string; watch?: string }, Access>;
/** How high a role stands: see `rankOf`. `not_found` for one that is not the community's. */
export type GetRole = Answers<{ type: 'role'; role_id: string }, { rank: number }>;
/** `not_found` for those who may not see it. */
export type GetCommunity = Answers<{ type: 'get'; by: string }, Community>;
export type UpdateCommunity = Answers<
  {
    type: 'update';
    by: string;
    if_rev?: number | undefined;
    patch: { name?: string; description?: string | null; is_public?: boolean; tags?: string[]; avatar_url?: string | null };
  },
  Community
>;
export type DeleteCommunity = Answers<{ type: 'delete'; by: string }, null>;
export type JoinCommunity = Answers<{ type: 'join'; by: string }, Community>;
export type LeaveCommunity = Answers<{ type: 'leave'; by: string }, null>;
/** `is_admin`: by an administrator of the installation, who alone may add somebody. */
export type ChangeMembership = Answers<
  {
    type: 'change_membership';
    by: string;
    is_admin?: true;
    member_id: string;
    role?: Role;
    muted_until?: number | null;
    is_banned?: boolean;
  },
  Membership
>;
/**
 * Names another member the owner, who until now was the asker; `is_admin`: or an administrator of the installation,
 * where the owner cannot sign in (any more).
 */
export type HandOver = Answers<{ type: 'hand_over'; by: string; is_admin?: true; member_id: string }, Community>;
export type RemoveMember = Answers<{ type: 'remove_member'; by: string; member_id: string }, null>;
/** Everything in the community that came until now is read by the asker. Answers when that was, ms. */
export type ReadAll = Answers<{ type: 'read_all'; by: string }, { read_at: number }>;
/** `is_private`: a closed thread, which these and who begins it may view. */
export interface Private {
  is_private: boolean;
  member_ids: string[];
}
/** Begins a thread with the caller's id. */
export type CreateThread = Answers<
  { type: 'create_thread'; by: string; thread_id: string; title: string; content: string | null; tags: string[] } & Partial<Named> &
    Partial<Private>,
  Thread
>;
/**
 * From a thread's actor: its head moved, or its title, tags or pin changed. Coalesced into the store and
 * `thread_updated`.
 */
export interface ThreadChanged {
  type: 'thread_changed';
  thread: Thread;
  /** It is as it became by the closings up to this one. */
  closings: number;
}
export interface ThreadDeleted {
  type: 'thread_deleted';
  thread_id: string;
}
/**
 * From a thread's actor, before it is written: what stands in the thread's figures is for those alone who may view it
 * from here on, until `thread_changed` comes with this closing or a later one. Closings grow, over takeovers as well.
 */
export type ThreadCloses = Answers<{ type: 'thread_closes'; thread_id: string; closing: number }, { closes: true }>;
/**
 * From a thread's actor: its document was written. Answers when the community's ledger shows it as it is, which for a
 * closed or deleted one means that it does not.
 */
export type CopyThread = Answers<{ type: 'copy_thread'; thread_id: string; by: string | null; operation: string }, null>;
/** From workers: threads were written, and the community's ledger may not show them as they are. */
export interface CopyThreads {
  type: 'copy_threads';
}
/** A member's account was closed or reopened at a time; how it stands is read from the store. */
export type AccountChanged = Answers<{ type: 'account_changed'; member_id: string; at: number }, null>;
/** From an import: memberships were written past the actor; forget what is cached and count anew. */
export type Recount = Answers<{ type: 'recount' }, null>;
/** From workers: the community has another owner, and its members' ledgers may not show that. */
export interface TellOwners {
  type: 'tell_owners';
}
/** For what a feature has added to the actor: see slice.ts. */
export type FeatureCommand = Answers<
  {
    type: 'feature';
    by: string;
    feature: string;
    command: string;
    input: unknown;
    /** Of a member's own item: what is known of it. See the ledger's `Draft`. */
    if_rev?: number;
  },
  unknown
>;

export type CommunityMessage =
  | CreateCommunity
  | GetAccess
  | GetRole
  | GetCommunity
  | UpdateCommunity
  | DeleteCommunity
  | JoinCommunity
  | LeaveCommunity
  | ChangeMembership
  | HandOver
  | RemoveMember
  | ReadAll
  | CreateThread
  | RoleMessage
  | FeatureCommand
  | SyncLedger
  | LedgerHead
  | ThreadChanged
  | ThreadDeleted
  | ThreadCloses
  | CopyThread
  | CopyThreads
  | AccountChanged
  | TellOwners
  | Recount;

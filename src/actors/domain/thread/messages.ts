import type { OverrideRecord } from '../../../authority/overrides.js';
import type { Attachment, Message, Thread } from '../../../protocol/resources.js';
import type { Named } from '../../../store/contracts.js';
import type { CopyAct } from '../../ledger/copies.js';
import type { LedgerHead, SyncLedger } from '../../ledger/messages.js';
import type { Address, Answers } from '../../runtime/actor.js';
import type { Access } from '../community/messages.js';

/** What a thread's actor can be asked and told. Every command is safe to repeat. */

export const threadAddress = (id: string): Address => ({ kind: 'thread', key: id });

/** `message` is as the asker sees it (`me` of reactions); `created: false` when the nonce had been used before. */
export type Send = Answers<
  {
    type: 'send';
    by: string;
    message_id: string;
    content: string;
    reply_to: string | null;
    attachments: Attachment[];
    nonce: string;
  } & Named,
  { message: Message; created: boolean }
>;
export type Edit = Answers<{ type: 'edit'; by: string; message_id: string; content: string } & Named, { message: Message }>;
export type Delete = Answers<{ type: 'delete'; by: string; message_id: string }, { message: Message }>;
export type React = Answers<{ type: 'react'; by: string; message_id: string; emoji: string; add: boolean }, { message: Message }>;
/**
 * join_thread, after the socket has subscribed: permission is asked for anew.
 */
export type Open = Answers<
  { type: 'open'; by: string; after_rev?: number },
  { thread: Thread; head_rev: number; last_seq: number; messages: Message[]; complete: boolean }
>;
/**
 * Which of these members may view the thread, each asked about anew. `access_rev`: no answer is older; of nobody it is
 * 0. No permission needed: nodes ask, about the members that are connected to them.
 */
export type GetAudience = Answers<{ type: 'audience'; members: string[] }, { members: string[]; access_rev: number }>;
export type Sync = Answers<{ type: 'sync'; by: string; after_rev: number }, { messages: Message[]; head_rev: number; complete: boolean }>;
export type GetThread = Answers<{ type: 'get'; by: string }, Thread>;
export type UpdateThread = Answers<
  { type: 'update'; by: string; patch: { title?: string; content?: string | null; tags?: string[] } & Partial<Named> },
  Thread
>;
/** Toggles when `is_pinned` is absent; a repeated toggle is told apart by `act`, an id made once by the caller. */
export type Pin = Answers<{ type: 'pin'; by: string; act: string; is_pinned?: boolean }, Thread>;
export type DeleteThread = Answers<{ type: 'delete_thread'; by: string }, null>;
/**
 * One override as a whole; with nothing allowed and nothing denied it goes. Each of these answers all that there are
 * afterwards.
 */
export type SetOverride = Answers<{ type: 'set_override'; by: string } & OverrideRecord, OverrideRecord[]>;
export type GetOverrides = Answers<{ type: 'get_overrides'; by: string }, OverrideRecord[]>;
/** The people of a closed thread. */
export type AddPerson = Answers<{ type: 'add_person'; by: string; member_id: string }, OverrideRecord[]>;
export type RemovePerson = Answers<{ type: 'remove_person'; by: string; member_id: string }, OverrideRecord[]>;
/** From the community, before it lets somebody in again: what let them in before counts no more. */
export type ForgetPerson = Answers<{ type: 'forget_person'; member_id: string }, null>;
export type MarkRead = Answers<{ type: 'mark_read'; by: string; seq: number }, { read_seq: number }>;
export type Typing = Answers<{ type: 'typing'; by: string; on: boolean }, null>;
/**
 * Where the thread stands; for those who check whether they missed something. `closed_in`: its community, where not
 * every member of that may view it. No permission needed: nodes ask, not people.
 */
export type GetHead = Answers<{ type: 'head' }, { head_rev: number; last_seq: number; closed_in?: string }>;

/** Messages from elsewhere, in order, with their original authors and times. Already stored nonces are passed over. */
export interface ImportItem extends Named {
  message_id: string;
  author: string;
  content: string;
  at: number;
  nonce: string;
}
/** At most 500 items. Answers when all are durable. */
export type Import = Answers<{ type: 'import'; items: ImportItem[] }, { stored: number; known: number }>;

/** From the community's actor. */
export interface AccessChanged {
  type: 'access_changed';
  access: Access;
  /** They marked all as read: what they may is as it was. */
  only_read?: true;
}
/** It became private or public: how members stand is asked for anew. */
export interface CommunityChanged {
  type: 'community_changed';
}
export interface CommunityDeleted {
  type: 'community_deleted';
}
/** The ledger of the closed thread may not show it as it is. Who did what to it, where that is known. */
export interface Level {
  type: 'level';
  act?: CopyAct;
  /** From itself: it may have been done meanwhile. */
  is_due?: true;
}

export type ThreadMessage =
  | Send
  | Edit
  | Delete
  | React
  | Open
  | Sync
  | GetThread
  | UpdateThread
  | Pin
  | DeleteThread
  | SetOverride
  | GetOverrides
  | AddPerson
  | RemovePerson
  | ForgetPerson
  | MarkRead
  | Typing
  | GetHead
  | GetAudience
  | Import
  | AccessChanged
  | CommunityChanged
  | CommunityDeleted
  | Level
  | SyncLedger
  | LedgerHead;

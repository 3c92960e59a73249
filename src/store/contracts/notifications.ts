import type { Slice } from './slice.js';
import type { UntoldRecords } from './untold.js';

export interface NotificationRecord {
  id: string;
  member_id: string;
  kind: 'mention' | 'reply';
  community_id: string;
  thread_id: string;
  /** Null: it is about the opening text of its thread. */
  message_id: string | null;
  /** The message's; 0 for an opening text. */
  seq: number;
  actor: string;
  created_at: number;
  read_at: number | null;
}

/** Each write marks what it changes untold. What is removed is not found any more; its name is kept until its member's ledger knows. */
export interface NotificationRepository extends UntoldRecords<NotificationRecord> {
  /**
   * What a notification is about is its cause: its message, or its thread when it is about the opening text. One at a
   * time for one (member, cause, kind): answers the ones that are new.
   */
  insert(notifications: readonly NotificationRecord[]): Promise<NotificationRecord[]>;
  /** By created_at then id, descending. */
  list(
    memberId: string,
    filter: { unread?: boolean | undefined },
    slice: Slice<{ created_at: number; id: string }>,
  ): Promise<NotificationRecord[]>;
  /** The id of the `count`th newest that a member has; null when there are not so many. */
  newest(memberId: string, count: number): Promise<string | null>;
  /** Counts to `most` and no further. */
  countUnread(memberId: string, most: number): Promise<number>;
  /** All unread when no ids are given; answers how many were marked. */
  markRead(memberId: string, ids: readonly string[] | undefined, at: number): Promise<number>;
  /** All unread ones of a thread or a community; answers how many were marked. */
  markReadIn(memberId: string, place: { thread_id: string } | { community_id: string }, at: number): Promise<number>;
  /** Everybody's that have any of these causes, by their ids. */
  causedBy(causes: readonly string[]): Promise<NotificationRecord[]>;
  /** Everybody's, by id ascending, behind an id. For whoever looks through all of them. */
  behind(id: string | undefined, limit: number): Promise<NotificationRecord[]>;
  /** Those of one thread likewise. */
  inThread(threadId: string, after: string | undefined, limit: number): Promise<NotificationRecord[]>;
  /** Whosever they are. */
  remove(ids: readonly string[]): Promise<void>;
  removeByThread(threadId: string): Promise<void>;
  removeByCommunity(communityId: string): Promise<void>;
  /** Those that one member has of a community. */
  removeOfMember(communityId: string, memberId: string): Promise<void>;
}

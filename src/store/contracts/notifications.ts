import type { Slice } from './slice.js';

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
  /** All unread ones of a thread or a community; answers how many were marked. */
  markReadIn(memberId: string, place: { thread_id: string } | { community_id: string }, at: number): Promise<number>;
}

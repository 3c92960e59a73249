import { type Concerned, concernedBy, concernedByOpening } from '../actors/domain/concern.js';
import type { MessageRecord, NotificationRecord, ThreadRecord } from '../store/contracts.js';

/** What notifications can be about: a message, or the opening text of a thread, as it was when it was read. */
export interface Cause {
  /** The message's or the thread's. */
  id: string;
  /** Another one after each change. */
  state: string;
  concerned: Concerned;
  /** When it was said, ms. */
  saidAt: number;
  /** Whether it said something else before, and may have concerned others. */
  isChanged: boolean;
  /** The one in which it stands, as it was read before; absent when that is gone. */
  thread: ThreadRecord | undefined;
  about: Pick<NotificationRecord, 'community_id' | 'thread_id' | 'message_id' | 'seq' | 'actor'>;
}

/** `answered`: the author of what it answers. */
export const messageCause = (m: MessageRecord, answered: string | undefined, thread: ThreadRecord | undefined): Cause => ({
  id: m.id,
  thread,
  state: String(m.rev),
  concerned: concernedBy(m, answered),
  saidAt: m.created_at,
  isChanged: isAltered(m),
  about: { community_id: m.community_id, thread_id: m.thread_id, message_id: m.id, seq: m.seq, actor: m.author },
});

/** Whether what it said at first may not hold any more. */
export const isAltered = (m: Pick<MessageRecord, 'edited_at' | 'deleted_at'>): boolean => m.edited_at !== null || m.deleted_at !== null;

/** A new text is said anew: whom it did not mention before may be told, however old the thread is. */
export const openingCause = (thread: ThreadRecord): Cause => ({
  id: thread.id,
  thread,
  state: openingState(thread),
  concerned: concernedByOpening(thread),
  saidAt: Math.max(thread.created_at, thread.updated_at),
  isChanged: thread.updated_at !== thread.created_at || thread.deleted_at !== null || (thread.mentions ?? []).length > 0,
  about: { community_id: thread.community_id, thread_id: thread.id, message_id: null, seq: 0, actor: thread.created_by },
});

export const openingState = (thread: Pick<ThreadRecord, 'updated_at' | 'deleted_at' | 'mentions'>): string =>
  [thread.updated_at, thread.deleted_at ?? '', ...(thread.mentions ?? [])].join(' ');

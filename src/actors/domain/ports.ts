import type { EventPayload, ServerEventName } from '../../protocol/events.js';
import type { MessageRecord, Store } from '../../store/contracts.js';
import type { CommunitySlice } from './community/slice.js';

/**
 * What domain actors need of the outside, beside the store. Nothing here is waited for or may throw: events are hints, the
 * store is the truth.
 */
export interface Fanout {
  /** To every subscriber of a room on every node, in the order of the calls. */
  publish<E extends ServerEventName>(room: string, event: E, payload: EventPayload<E>, options?: { exceptMember?: string }): void;
  /** The thread has reached this rev: nodes whose subscribers lag behind it are told, again and again for half a minute. */
  reached(threadId: string, headRev: number): void;
  /** Takes a member's sockets out of the rooms of a community and its threads, on every node. */
  evict(memberId: string, communityId: string): void;
  /** Empties the room of a thread, or a community with its threads, that was deleted. */
  close(what: { thread_id: string } | { community_id: string }): void;
}

/** Tells the workers that a thread may be ahead of what they have done. May be lost: a sweep finds it. */
export interface Nudge {
  /** `rings` false: for certain no notification comes or goes by the change. */
  changed(threadId: string, rings?: boolean): void;
  /** A thread or a community was deleted, or a member does not belong to a community any more. */
  deleted(what: Gone): void;
}

/** Of which something is left behind that is to be cleared away. */
export type Gone = { thread_id: string } | { community_id: string; member_id?: string };

/** Whether a message may be about somebody who is to be notified: one that it mentions, or whom it answers. */
export const rings = (m: Pick<MessageRecord, 'deleted_at' | 'mentions' | 'reply_to'>): boolean =>
  m.deleted_at === null && (m.mentions.length > 0 || m.reply_to !== null);

/** All that the actors are given. */
export interface DomainPorts {
  store: Store;
  fanout: Fanout;
  nudge: Nudge;
  /** What features add to actors. */
  slices?: { community: readonly CommunitySlice[] };
}

import type { EventPayload, ServerEventName } from '../../protocol/events.js';
import type { Thread } from '../../protocol/resources.js';
import type { MessageRecord, Store } from '../../store/contracts.js';
import type { CommunitySlice } from './community/slice.js';
import type { MemberSlice } from './user/slice.js';

/**
 * What domain actors need of the outside, beside the store. Nothing here is waited for or may throw: events are hints,
 * the store is the truth.
 */
export interface Fanout {
  /** To every subscriber of a room on every node, in the order of the calls. */
  publish<E extends ServerEventName>(room: string, event: E, payload: EventPayload<E>, options?: PublishOptions): void;
  /**
   * The thread has reached this rev: nodes whose subscribers lag behind it are told, again and again for half a minute.
   */
  reached(threadId: string, headRev: number): void;
  /**
   * Takes a member's sockets out of the rooms of a community and its threads, on every node: before what is published
   * next to the community's room or its ledgers', or to that of the thread that is named. `ledgers`: those of
   * permissions, by their stored names.
   */
  evict(memberId: string, communityId: string, options?: { threadId?: string; ledgers?: readonly string[] }): void;
  /** Everybody whom it is about is decided anew, on every node: before what is published next to the place. */
  recheck(place: Recheck): void;
  /** Empties the room of a thread, or a community with its threads, that was deleted. */
  close(what: { thread_id: string } | { community_id: string }): void;
}

export interface PublishOptions {
  /** Not to the devices of this member. */
  exceptMember?: string;
  /**
   * Only to members who may view this thread. Nobody else hears of the event; who cannot be asked about in time does
   * not either.
   */
  audience?: string;
}

/** Of whom, and where, it is to be decided anew who may hear. */
export interface Recheck {
  community_id: string;
  /** Absent: every closed thread of the community. */
  thread_id?: string;
  /** Absent: everybody. */
  member_id?: string;
  /** Without a thread: ledgers of the community that not every member may read, by their stored names. */
  ledgers?: readonly string[];
  /** Answers that are older do not count. 0: any that is asked for from now on does. */
  access_rev: number;
  /**
   * With `thread_id`: the thread as those hear of it, as `new_thread`, who may view it from now on. Absent: they are
   * told nothing.
   */
  thread?: Thread;
  /** With `thread_id`: every member could view it until now, so whoever may not hears `thread_deleted`. */
  was_open?: boolean;
}

/** Tells the workers that a thread may be ahead of what they have done. May be lost: a sweep finds it. */
export interface Nudge {
  /** `rings` false: for certain no notification comes or goes by the change. */
  changed(threadId: string, rings?: boolean): void;
  /**
   * A thread or a community was deleted, or a member does not belong to a community any more. And: some may not view a
   * thread any more, or a member may not view threads of a community, that they might before; their notifications go.
   */
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
  slices?: AddedSlices;
  /** Where people reach the installation, without a slash at its end; null: nobody has said. */
  publicUrl?: string | null;
}

/** What features add, by kind of actor. */
export interface AddedSlices {
  community: readonly CommunitySlice[];
  member: readonly MemberSlice[];
}

import type { EventPayload, ServerEventName } from '../protocol/events.js';
import type { LiveMessage, Message, Page } from '../protocol/resources.js';
import type { Random } from './backoff.js';
import type { Clock } from './clock.js';
import type { Draft } from './delivery.js';
import type { FollowedLedgers } from './ledgers/ledger-reading.js';
import type { Asked, DataOf, Operations, PayloadOf } from './operations.js';

/** What a view needs of the client. Small, so that tests can stand in for a server. */
export interface LivePort {
  readonly clock: Clock;
  readonly random: Random;
  readonly memberId: string | null;
  readonly isOnline: boolean;
  on<E extends ServerEventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  /** Tells each time the connection comes up or goes. */
  onOnline(listener: (online: boolean) => void): () => void;
  /** Oneself has read all that came until a time (ms), in a community or (null) everywhere. */
  onAllRead(listener: (communityId: string | null, at: number) => void): () => void;
  emit<E extends Asked>(event: E, payload: PayloadOf<E>): Promise<DataOf<E>>;
}

/** What a view of ledgers needs. */
export interface LedgersViewPort extends Pick<LivePort, 'clock' | 'random' | 'memberId' | 'isOnline' | 'onOnline'> {
  readonly ledgers: FollowedLedgers;
  readonly operations: Operations;
}

/** Which part of a thread's history. */
export type HistoryPlace = { before_seq: number } | { after_seq: number } | { around_seq: number };

/** What a thread's view needs beyond that. */
export interface ThreadPort extends LivePort {
  history(threadId: string, place: HistoryPlace, limit: number): Promise<Page<Message>>;
  send(threadId: string, draft: Draft): Promise<Message>;
  /** Tells whoever shows unread counts how far this client has read. */
  noteRead(threadId: string, seq: number): void;
  /** Sends how far one has read, also when the page ends with this very call. */
  markReadAtLast(threadId: string, seq: number): Promise<unknown>;
}

/** What a community's view needs beyond that. */
export interface CommunityPort extends LivePort {
  readonly operations: Operations;
  readonly ledgers: FollowedLedgers;
  onRead(listener: (threadId: string, seq: number) => void): () => void;
}

export type { Draft, LiveMessage };

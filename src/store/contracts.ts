import type { Collection, CollectionDefinition } from './collection.js';
import type { CommunityRepository } from './contracts/communities.js';
import type { EpochRepository } from './contracts/epochs.js';
import type { LedgerRepository } from './contracts/ledgers.js';
import type { MemberRepository } from './contracts/members.js';
import type { MembershipRepository } from './contracts/memberships.js';
import type { MessageRepository } from './contracts/messages.js';
import type { NotificationRepository } from './contracts/notifications.js';
import type { ReadRepository } from './contracts/reads.js';
import type { SearchRepository } from './contracts/search.js';
import type { SessionRepository } from './contracts/sessions.js';
import type { ThreadRepository } from './contracts/threads.js';

export type * from './contracts/communities.js';
export type * from './contracts/epochs.js';
export type * from './contracts/ledgers.js';
export type * from './contracts/members.js';
export type * from './contracts/memberships.js';
export type * from './contracts/messages.js';
export type * from './contracts/notifications.js';
export type * from './contracts/reads.js';
export type * from './contracts/search.js';
export type * from './contracts/sessions.js';
export type * from './contracts/slice.js';
export type * from './contracts/threads.js';
export type * from './contracts/untold.js';

/**
 * What the product asks of its store: records as they are kept, and the calls on them, one repository a collection.
 * `mongo/` keeps them in MongoDB, `memory/` is the twin for tests and simulation; one conformance suite holds both.
 *
 * Ids are 24 hex digits, times are milliseconds since 1970. No call needs a transaction: what must hold rests on unique
 * indexes and on conditions on one document. Every call may reject with Fault `unavailable` (nothing was written) or
 * `timeout` (a write whose outcome is unknown), unless it says that it answers outcomes instead.
 */
export interface Store {
  readonly members: MemberRepository;
  readonly communities: CommunityRepository;
  readonly memberships: MembershipRepository;
  readonly threads: ThreadRepository;
  readonly messages: MessageRepository;
  readonly reads: ReadRepository;
  readonly notifications: NotificationRepository;
  readonly search: SearchRepository;
  readonly sessions: SessionRepository;
  readonly epochs: EpochRepository;
  readonly ledgers: LedgerRepository;
  /** Names this store's life, 24 hex digits: the same as long as nothing that was acknowledged is lost. A restore makes a new one. */
  readonly history: string;
  /** A collection that a feature has stated. Throws for one with which the store was not opened. */
  collection<D extends CollectionDefinition>(definition: D): Collection<D>;
  /** Rejects when the store does not answer within a second. */
  ping(): Promise<void>;
}

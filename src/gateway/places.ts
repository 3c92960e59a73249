import { LRUCache } from 'lru-cache';
import { type Access, communityAddress, type GetAccess } from '../actors/domain/community/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import { closureOf, isClosedThread, isSeenBy } from '../authority/closure.js';
import { nothingThere } from '../authority/decide.js';
import { standingIn } from '../authority/overrides.js';
import type { Place } from '../catalogue/place.js';
import type { Places } from '../catalogue/ports.js';
import { Fault } from '../kernel/errors.js';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import { audienceIn } from '../store/closing.js';
import type { CommunityRecord, MembershipRecord, Store } from '../store/contracts.js';
import type { ThreadDirectory, ThreadPlace } from './thread-directory.js';

/** So long nobody asks again whether somebody may come to a closed thread's actor, which decides by itself. */
const enteredMs = 60_000;

interface Reads {
  memberships: Pick<Store['memberships'], 'get'>;
  communities: Pick<Store['communities'], 'byId'>;
}

/** In which closed threads somebody may not be able to view any more what they could; what is absent is not told. */
type Gone = { community_id?: string; thread_id?: string; member_id?: string };

const keyOf = (threadId: string, memberId: string): string => `${threadId} ${memberId}`;

const nullIfNotFound = (error: unknown): null => {
  if (error instanceof Fault && error.code === 'not_found') return null;
  throw error;
};

/** By what is stored. Strangers look into public communities alone. */
const mayView = (thread: ThreadPlace, community: CommunityRecord, membership: MembershipRecord | null, memberId: string): boolean => {
  if (community.deleted_at !== null || (membership?.state !== 'active' && !community.is_public)) return false;
  const closure = closureOf(community.id, thread.overrides);
  return isSeenBy(community.id, audienceIn(community, membership, memberId), closure);
};

/** How members stand in places, by the word of each community's actor. */
export class ActorPlaces implements Places {
  readonly #actors: ActorSystem;
  readonly #threads: ThreadDirectory;
  readonly #store: Reads;
  /** Of a thread and a member its community. */
  readonly #entered: LRUCache<string, string>;
  /** Grows whenever something is forgotten: what was asked before is not remembered. */
  #turn = 0;

  constructor(parts: { actors: ActorSystem; threads: ThreadDirectory; store: Reads; monotonic: () => number }) {
    const { actors, threads, store, monotonic } = parts;
    this.#actors = actors;
    this.#threads = threads;
    this.#store = store;
    this.#entered = new LRUCache({ ...entriesAtMost(20_000), ttl: enteredMs, ttlResolution: 0, perf: { now: monotonic } });
  }

  async standing(place: Place, memberId: string): Promise<Access> {
    if ('community' in place) return this.#access(place.community, memberId);
    const { community_id, overrides } = await this.#threads.fresh(place.thread);
    return standingIn(await this.#access(community_id, memberId), overrides);
  }

  enter(place: Place, memberId: string): Promise<void> | undefined {
    if ('community' in place || this.#threads.isOpen(place.thread)) return undefined;
    const key = keyOf(place.thread, memberId);
    return this.#entered.has(key) ? undefined : this.#enter(place.thread, memberId, key);
  }

  /** Whoever came to closed threads there may not be able to view them any more: they are asked about like anybody else. */
  forget({ community_id, thread_id, member_id }: Gone): void {
    this.#turn++;
    // Told of every thread that somebody who leaves has been in.
    if (thread_id !== undefined && member_id !== undefined) {
      this.#entered.delete(keyOf(thread_id, member_id));
      return;
    }
    for (const [key, community] of this.#entered.entries()) {
      const isThere = (community_id ?? community) === community && key.startsWith(thread_id ?? '');
      if (isThere && key.endsWith(member_id ?? '')) this.#entered.delete(key);
    }
  }

  async #enter(threadId: string, memberId: string, key: string): Promise<void> {
    const turn = this.#turn;
    const thread = await this.#threads.placeOf(threadId).catch(nullIfNotFound);
    if (thread && !isClosedThread(thread)) return;
    // Asked of the store: what the community's actor would have to look up depends on what it has heard of them.
    // What never was is looked up as if it were its own community.
    const id = thread?.community_id ?? threadId;
    const [membership, community] = await Promise.all([this.#store.memberships.get(id, memberId), this.#store.communities.byId(id)]);
    if (!thread || !community || !mayView(thread, community, membership, memberId)) throw nothingThere();
    if (turn === this.#turn) this.#entered.set(key, community.id);
  }

  #access(communityId: string, memberId: string): Promise<Access> {
    return this.#actors.ask<GetAccess>(communityAddress(communityId), { type: 'access', member_id: memberId });
  }
}

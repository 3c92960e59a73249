import { LRUCache } from 'lru-cache';
import { type Access, communityAddress, type GetAccess } from '../actors/domain/community/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import { isClosedThread } from '../authority/closure.js';
import { mayKnow, nothingThere } from '../authority/decide.js';
import { standingIn } from '../authority/overrides.js';
import type { Place } from '../catalogue/place.js';
import type { Places } from '../catalogue/ports.js';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import type { ThreadDirectory } from './thread-directory.js';

/** So long nobody asks again whether somebody may come to a closed thread's actor, which decides by itself. */
const enteredMs = 60_000;

/** How members stand in places, by the word of each community's actor. */
export class ActorPlaces implements Places {
  readonly #actors: ActorSystem;
  readonly #threads: ThreadDirectory;
  readonly #entered: LRUCache<string, true>;

  constructor(actors: ActorSystem, threads: ThreadDirectory, monotonic: () => number) {
    this.#actors = actors;
    this.#threads = threads;
    this.#entered = new LRUCache({ ...entriesAtMost(20_000), ttl: enteredMs, ttlResolution: 0, perf: { now: monotonic } });
  }

  async standing(place: Place, memberId: string): Promise<Access> {
    if ('community' in place) return this.#access(place.community, memberId);
    const { community_id, overrides } = await this.#threads.fresh(place.thread);
    return standingIn(await this.#access(community_id, memberId), overrides);
  }

  enter(place: Place, memberId: string): Promise<void> | undefined {
    if ('community' in place || this.#threads.isOpen(place.thread)) return undefined;
    const key = `${place.thread} ${memberId}`;
    return this.#entered.has(key) ? undefined : this.#enter(place.thread, memberId, key);
  }

  async #enter(threadId: string, memberId: string, key: string): Promise<void> {
    const { community_id, overrides } = await this.#threads.placeOf(threadId);
    if (!isClosedThread({ overrides })) return;
    if (!mayKnow(standingIn(await this.#access(community_id, memberId), overrides))) throw nothingThere();
    this.#entered.set(key, true);
  }

  #access(communityId: string, memberId: string): Promise<Access> {
    return this.#actors.ask<GetAccess>(communityAddress(communityId), { type: 'access', member_id: memberId });
  }
}

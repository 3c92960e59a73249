import { type Access, communityAddress, type GetAccess } from '../actors/domain/community/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Place } from '../catalogue/place.js';
import type { Places } from '../catalogue/ports.js';
import type { ThreadDirectory } from './thread-directory.js';

/** How members stand in places, by the word of each community's actor. */
export class ActorPlaces implements Places {
  readonly #actors: ActorSystem;
  readonly #threads: ThreadDirectory;

  constructor(actors: ActorSystem, threads: ThreadDirectory) {
    this.#actors = actors;
    this.#threads = threads;
  }

  async standing(place: Place, memberId: string): Promise<Access> {
    const id = 'community' in place ? place.community : await this.#threads.communityOf(place.thread);
    return this.#actors.ask<GetAccess>(communityAddress(id), { type: 'access', member_id: memberId });
  }
}

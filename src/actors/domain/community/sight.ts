import { mayKnow, nothingThere } from '../../../authority/decide.js';
import { Fault } from '../../../kernel/errors.js';
import type { Store, ThreadRecord } from '../../../store/contracts.js';
import type { ActorSystem } from '../../runtime/actor.js';
import { type Access, communityAddress, type GetAccess } from './messages.js';

/** What one member may see, for the length of one request: each community is asked once. */
export class Sight {
  readonly #actors: ActorSystem;
  readonly #memberId: string;
  readonly #known = new Map<string, Promise<Access>>();

  constructor(actors: ActorSystem, memberId: string) {
    this.#actors = actors;
    this.#memberId = memberId;
  }

  /** How the member stands. Fault `not_found` when there is no such community, or none that the member may know of. */
  async demand(communityId: string): Promise<Access> {
    const access = await this.#access(communityId);
    if (!mayKnow(access)) throw nothingThere();
    return access;
  }

  /** Only `not_found` means no: that a community does not answer must fail the request, not thin out its results. */
  async allows(communityId: string): Promise<boolean> {
    try {
      return mayKnow(await this.#access(communityId));
    } catch (error) {
      if (error instanceof Fault && error.code === 'not_found') return false;
      throw error;
    }
  }

  /** A living thread that the member may see, and how the member stands to its community. Fault `not_found`. */
  async demandThread(store: Store, threadId: string): Promise<{ thread: ThreadRecord; access: Access }> {
    const thread = await store.threads.byId(threadId);
    if (!thread || thread.deleted_at !== null) throw nothingThere();
    return { thread, access: await this.demand(thread.community_id) };
  }

  #access(communityId: string): Promise<Access> {
    let access = this.#known.get(communityId);
    if (!access) {
      access = this.#actors.ask<GetAccess>(communityAddress(communityId), { type: 'access', member_id: this.#memberId });
      this.#known.set(communityId, access);
    }
    return access;
  }
}

import { mayKnow, nothingThere, refusalOf } from '../../../authority/decide.js';
import { standingIn } from '../../../authority/overrides.js';
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
    return mayKnow(await this.#accessOrNone(communityId));
  }

  /** Whether the member may read what was said in a thread, as it was read. */
  async allowsThread(thread: ThreadRecord): Promise<boolean> {
    const access = await this.#accessOrNone(thread.community_id);
    return refusalOf(standingIn(access, thread.overrides), 'read_history', 0) === undefined;
  }

  /**
   * A living thread in which the member may read, and how the member stands in it. Fault `not_found` also where they may not know of
   * it; `forbidden` where they may view it alone.
   */
  async demandThread(store: Pick<Store, 'threads'>, threadId: string): Promise<{ thread: ThreadRecord; access: Access }> {
    const thread = await store.threads.byId(threadId);
    if (!thread || thread.deleted_at !== null) throw nothingThere();
    const access = standingIn(await this.#access(thread.community_id), thread.overrides);
    const refusal = refusalOf(access, 'read_history', 0);
    if (refusal) throw refusal;
    return { thread, access };
  }

  async #accessOrNone(communityId: string): Promise<Access> {
    try {
      return await this.#access(communityId);
    } catch (error) {
      if (error instanceof Fault && error.code === 'not_found') return nowhere(communityId, this.#memberId);
      throw error;
    }
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

/** How everybody stands in a community that is not there. */
const nowhere = (community_id: string, member_id: string): Access => ({
  community_id,
  member_id,
  role: null,
  rank: 0,
  access_rev: 0,
  community: { id: community_id, kind: 'community', is_public: false, everyone: 0 },
  member: null,
  is_banned: false,
});

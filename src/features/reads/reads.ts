import { communityAddress, type ReadAll } from '../../actors/domain/community/messages.js';
import { type MarkRead, threadAddress } from '../../actors/domain/thread/messages.js';
import { hasUntold, userAddress } from '../../actors/domain/user/messages.js';
import type { Caller } from '../../catalogue/caller.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import { Fault } from '../../kernel/errors.js';

/** Communities that are told at once, when all of them are read. */
const toldAtOnce = 16;

/** Marking as read: a thread, a community, everything. Repeated it changes nothing. */
export class Reads {
  readonly #deps: Ground;

  constructor(deps: Ground) {
    this.#deps = deps;
  }

  /** Up to a seq; without one the whole thread, and what notifications there are of it. */
  async mark(caller: Caller, input: { thread_id: string; seq?: number | undefined }): Promise<{ read_seq: number }> {
    const { thread_id, seq = Number.MAX_SAFE_INTEGER } = input;
    const by = caller.member_id;
    const answer = await this.#deps.actors.ask<MarkRead>(threadAddress(thread_id), { type: 'mark_read', by, seq });
    if (input.seq === undefined)
      this.#toldOf(by, await this.#deps.store.notifications.markReadIn(by, { thread_id }, this.#deps.clock.now()));
    return answer;
  }

  /** A hint to the member's ledger, when notifications were marked. Answers how many. */
  #toldOf(by: string, marked: number): number {
    if (marked > 0) this.#deps.actors.tell(userAddress(by), hasUntold('notification'));
    return marked;
  }

  /**
   * A community's threads, or those of all of one's communities, with their notifications. Costs one write a community.
   */
  async markAll(
    caller: Caller,
    { community_id }: { community_id?: string | undefined },
  ): Promise<{ read_at: string; notifications: number }> {
    const { store, clock } = this.#deps;
    const by = caller.member_id;
    if (community_id !== undefined) {
      const read_at = await this.#readAll(by, community_id);
      const notifications = this.#toldOf(by, await store.notifications.markReadIn(by, { community_id }, clock.now()));
      return { read_at: new Date(read_at).toISOString(), notifications };
    }
    let read_at = clock.now();
    const mine = (await store.memberships.listByMember(by)).values();
    const tell = async (): Promise<void> => {
      for (const place of mine) read_at = Math.min(read_at, (await this.#readAllIfThere(by, place.community_id)) ?? read_at);
    };
    await Promise.all(Array.from({ length: toldAtOnce }, tell));
    const notifications = this.#toldOf(by, await store.notifications.markRead(by, undefined, clock.now()));
    return { read_at: new Date(read_at).toISOString(), notifications };
  }

  async #readAll(by: string, communityId: string): Promise<number> {
    const ask = this.#deps.actors.ask<ReadAll>(communityAddress(communityId), { type: 'read_all', by });
    const answer: { read_at: number } | null | undefined = await ask;
    // A node of the release before does not know of it, and owns the community.
    if (!answer) throw new Fault('unavailable', 'This cannot be marked as read yet', { retry_after_ms: 1_000 });
    return answer.read_at;
  }

  /** Undefined for a community that went, or that one has left, in this very moment. */
  async #readAllIfThere(by: string, communityId: string): Promise<number | undefined> {
    try {
      return await this.#readAll(by, communityId);
    } catch (error) {
      if (error instanceof Fault && (error.code === 'not_found' || error.code === 'forbidden')) return undefined;
      throw error;
    }
  }
}

import { fallen } from '../actors/domain/concern.js';
import { LeftReads } from '../actors/domain/left-reads.js';
import { type CopiedKind, hasUntold, userAddress } from '../actors/domain/user/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Logger } from '../kernel/logger.js';
import type { NotificationRecord, Store } from '../store/contracts.js';
import type { PurgeJob } from './queues.js';

/** Messages that go in one step. */
const step = 1_000;
/** Threads that are looked at in one read. */
const look = 500;

/**
 * Takes away what a deleted thread or community leaves behind: messages, search documents, notifications, memberships;
 * and the notifications of who left, or may not view a thread any more, with what their ledgers show of how far they
 * have read. Goes by the marks in the store alone, in steps, so it may be interrupted and repeated at any point; what
 * is not marked is not touched. Whose notifications lead nowhere any more is told, so that their ledger does not show
 * them either.
 */
export class Purge {
  readonly #leftReads: LeftReads;

  constructor(
    private readonly store: Pick<
      Store,
      'threads' | 'communities' | 'memberships' | 'messages' | 'notifications' | 'search' | 'reads' | 'ledgers'
    >,
    private readonly logger: Logger,
    private readonly actors: Pick<ActorSystem, 'tell'>,
  ) {
    this.#leftReads = new LeftReads(store);
  }

  async run(what: PurgeJob): Promise<void> {
    if ('thread_id' in what) await this.#thread(what.thread_id);
    else if (what.member_id !== undefined) await this.#member(what.community_id, what.member_id);
    else await this.#community(what.community_id);
  }

  /** Every deleted thread that still has messages, whoever forgot to say so; of one community or of all. */
  async everything(communityId?: string): Promise<void> {
    let ids = new Set<string>();
    const purge = async (): Promise<void> => {
      const threads = await this.store.threads.byIds([...ids]);
      ids = new Set();
      for (const thread of threads) {
        if (thread.deleted_at !== null && (communityId === undefined || thread.community_id === communityId)) await this.#thread(thread.id);
      }
    };
    for await (const { thread_id } of this.store.messages.threadsChangedSince(0)) {
      ids.add(thread_id);
      if (ids.size >= look) await purge();
    }
    if (ids.size > 0) await purge();
  }

  /** Every notification that leads nowhere, whoever forgot to take it away. */
  notifications(): Promise<void> {
    return this.#fallen((after) => this.store.notifications.behind(after?.id, look));
  }

  /** Those of a listing that lead nowhere. */
  async #fallen(list: (after: NotificationRecord | undefined) => Promise<NotificationRecord[]>): Promise<void> {
    for (let after: NotificationRecord | undefined; ; ) {
      const some = await list(after);
      const gone = await fallen(this.store, some);
      if (gone.length > 0) await this.store.notifications.remove(gone.map((one) => one.id));
      for (const id of new Set(gone.map(({ member_id }) => member_id))) this.#tell(id);
      if (some.length < look) return;
      after = some.at(-1)!;
    }
  }

  async #thread(id: string): Promise<void> {
    const thread = await this.store.threads.byId(id);
    if (!thread) return;
    if (thread.deleted_at === null) {
      await this.#fallen((after) => this.store.notifications.inThread(id, after?.id, look));
      for (const memberId of await this.#leftReads.ofThread(thread)) this.#tell(memberId, 'read');
      return;
    }
    const head = await this.store.messages.head(id);
    if (head.seq > thread.floor_seq || head.rev > thread.floor_rev) {
      await this.store.threads.update(id, {
        floor_seq: Math.max(head.seq, thread.floor_seq),
        floor_rev: Math.max(head.rev, thread.floor_rev),
      });
    }
    await this.store.search.removeByThread(id);
    await this.store.notifications.removeByThread(id);
    await this.store.reads.removeByThread(id);
    let gone = 0;
    for (;;) {
      const more = await this.store.messages.purge(id, step);
      if (more === 0) break;
      gone += more;
    }
    if (gone > 0) this.logger.info({ thread: id, messages: gone }, 'a deleted thread was cleared away');
  }

  /**
   * Who comes back meanwhile keeps what has rung since; what rang before leads to nobody any more. Of who belongs to
   * it, what leads to threads that they may not view any more.
   */
  async #member(communityId: string, memberId: string): Promise<void> {
    const { memberships, notifications } = this.store;
    if (await this.#leftReads.ofMember(communityId, memberId)) this.#tell(memberId, 'read');
    const membership = await memberships.get(communityId, memberId);
    if (membership?.state !== 'active') {
      await notifications.removeOfMember(communityId, memberId);
      return this.#tell(memberId);
    }
    await this.#fallen((after) => notifications.list(memberId, {}, { ...(after && { after }), limit: look }));
  }

  #tell(memberId: string, kind: CopiedKind = 'notification'): void {
    this.actors.tell(userAddress(memberId), hasUntold(kind));
  }

  async #community(id: string): Promise<void> {
    const community = await this.store.communities.byId(id);
    if (!community || community.deleted_at === null) return;
    await this.store.threads.deleteByCommunity(id, community.deleted_at);
    await this.store.search.removeByCommunity(id);
    await this.store.notifications.removeByCommunity(id);
    await this.store.memberships.removeByCommunity(id);
    await this.everything(id);
    if (community.untold !== undefined) await this.store.communities.told(id, community.untold);
  }
}

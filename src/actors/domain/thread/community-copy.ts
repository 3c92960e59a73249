import { Fault } from '../../../kernel/errors.js';
import type { CopyAct } from '../../ledger/copies.js';
import type { ActorContext } from '../../runtime/actor.js';
import { type CopyThread, communityAddress } from '../community/messages.js';
import { SideReads } from '../side-reads.js';

/** So long the community is waited for; of a thread that is deleted less than an activation lives on. */
const patienceMs = { usual: 2_000, last: 800 };

/**
 * Has the community's ledger show what was written of the thread, or that there is nothing to show. The write has left
 * a mark, so whatever is not heard of here is made up for later. It is asked beside the turns: the community may be
 * waiting for one of them.
 */
export class CommunityCopy {
  readonly #beside: SideReads;
  /** Writes that it is to show, and how many of them it shows. */
  #written = 0;
  #shown = 0;

  constructor(
    private readonly context: ActorContext,
    private readonly thread: () => { id: string; community_id: string; deleted_at: number | null },
  ) {
    this.#beside = new SideReads(context);
  }

  /** What the ledger shows has changed, or is to go. */
  written(): void {
    this.#written++;
  }

  get isOwed(): boolean {
    return this.#written > this.#shown;
  }

  /**
   * Answers the running turn's ask when the ledger shows what was written; in that turn. Where it does not come to that
   * in time it is answered all the same, but with `mustShow`: then Fault `unavailable`, and else `shown` is called.
   */
  answer<T>(answer: T, act: CopyAct, { mustShow, shown }: { mustShow: boolean; shown: () => void }): T | undefined {
    if (!this.isOwed) return answer;
    return this.#beside.answer(async () => {
      try {
        await this.#copy(act);
        if (mustShow) shown();
      } catch (error) {
        this.context.logger.info({ err: error }, 'a thread is still to be copied into the ledger of its community');
        if (mustShow) throw new Fault('unavailable', 'It is written, and takes effect soon', { retry_after_ms: 1_000 });
      }
      return answer;
    });
  }

  end(): Promise<void> {
    return this.#beside.end();
  }

  async #copy(act: CopyAct): Promise<void> {
    const { id: thread_id, community_id, deleted_at } = this.thread();
    const upTo = this.#written;
    const timeoutMs = deleted_at === null ? patienceMs.usual : patienceMs.last;
    const ask: CopyThread = { type: 'copy_thread', thread_id, ...act };
    await this.context.ask<CopyThread>(communityAddress(community_id), ask, { timeoutMs });
    this.#shown = Math.max(this.#shown, upTo);
  }
}

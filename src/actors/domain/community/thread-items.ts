import { isClosedThread } from '../../../authority/closure.js';
import { Fault } from '../../../kernel/errors.js';
import { communityValue } from '../../../store/community-items.js';
import type { Store, ThreadRecord, Untold } from '../../../store/contracts.js';
import { isToldToAll, threadValue } from '../../../store/thread-items.js';
import { Copies, type CopyAct, type CopySource } from '../../ledger/copies.js';
import type { ActorContext } from '../../runtime/actor.js';
import { type Level, threadAddress } from '../thread/messages.js';
import type { Commits } from './commits.js';

/** Marks of a community that is gone that are taken away at once. */
const step = 500;

/**
 * Open threads, as items of their community's ledger. Their documents are the truth, and each write of one leaves a
 * mark that goes when the ledger shows it: whatever crashes in between is made up for by whoever looks for marks. What
 * must hold: of a thread that is closed nothing stands here, not even that there is one; of one that was open once a
 * late decision finds its place taken by something that names no thread.
 */
export class ThreadItems {
  readonly #copies: Copies;
  readonly #source: CopySource<ThreadRecord>;

  constructor(
    private readonly context: ActorContext,
    private readonly store: Pick<Store, 'threads'>,
    private readonly commits: Pick<Commits, 'copied' | 'record' | 'there'>,
    isDoubtful: () => boolean,
  ) {
    this.#source = {
      kind: 'thread',
      records: store.threads,
      shown: async (those) => {
        const told = those.flatMap(({ record }) => (record && isToldToAll(record) ? [[record.id, threadValue(record)] as const] : []));
        return { values: new Map(told) };
      },
      fence: (record) => {
        if (!record || !isClosedThread(record)) return undefined;
        return record.scope_since === undefined ? null : this.#somethingElse();
      },
    };
    this.#copies = new Copies({
      ...{ subject: context.address.key, ledger: commits.copied, context, isDoubtful },
      // A closed one is shown by its own ledger, whose actor may not have come to it.
      sources: [{ ...this.#source, shown: (those) => this.#shownAndTold(those as Untold<ThreadRecord>[]) }],
      turnIn: (ms) => void context.tellSelfAfter(ms, { type: 'copy' }),
    });
  }

  /**
   * One of them was written. In a turn; the ledger shows it when this resolves. Rejects when that is not known: the
   * mark stays.
   */
  async copy(threadId: string, act: CopyAct): Promise<void> {
    const { store, context } = this;
    try {
      await this.#copies.now(this.#source, () => store.threads.untoldAmong(context.address.key, [threadId]), act);
    } catch (error) {
      // There is nobody who could read of it.
      if (Fault.from(error).code !== 'not_found') throw error;
    }
  }

  /** Some may be untold. In a turn. */
  async hint(): Promise<void> {
    const { record } = this.commits;
    if (record?.deleted_at === null) this.#copies.hint('thread');
    else await this.#forget();
  }

  turn(): Promise<void> {
    return this.#copies.turn();
  }

  /** Where there is no community nobody reads of its threads. */
  async #forget(): Promise<void> {
    const { threads } = this.store;
    const { key } = this.context.address;
    for (;;) {
      const some = await threads.untold(key, step);
      await threads.told(key, some);
      if (some.length < step) return;
    }
  }

  #shownAndTold(those: readonly Untold<ThreadRecord>[]) {
    for (const { record } of those) {
      if (record && isClosedThread(record)) this.context.tell<Level>(threadAddress(record.id), { type: 'level' });
    }
    return this.#source.shown(those, new Map());
  }

  #somethingElse() {
    const record = this.commits.there();
    return { kind: 'community', key: record.id, value: communityValue(record) };
  }
}

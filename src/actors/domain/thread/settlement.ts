import type { MessageRecord, MessageRepository } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';

export interface Settled {
  stored: MessageRecord[];
  /** Refused by a unique index: someone else's record is in that place. */
  refused: MessageRecord[];
  /** Given up without an answer. */
  unknown: MessageRecord[];
}

export type ChangeSettled = 'stored' | 'refused' | 'unknown';

const pause = { firstMs: 20, mostMs: 500 };

/**
 * Writes, and does not let go until it is known what became of them: a write whose outcome is unknown is made again with the
 * same id until the store says that it is there or that it was refused. Once it has said so, an earlier try that is still under
 * way can do nothing any more; so whoever writes next must wait for that. With `late` it goes on for as long as it takes and
 * calls it once after `patienceMs`; without it, once closed, or once the owner `isLost`, the write stays unknown.
 */
export class Settlement {
  readonly #messages: MessageRepository;
  readonly #owner: Pick<ActorContext, 'clock' | 'isLost'>;
  readonly #patienceMs: number;
  #closed = false;

  constructor(messages: MessageRepository, owner: Pick<ActorContext, 'clock' | 'isLost'>, patienceMs: number) {
    this.#messages = messages;
    this.#owner = owner;
    this.#patienceMs = patienceMs;
  }

  async append(records: readonly MessageRecord[], late?: () => void): Promise<Settled> {
    const settled: Settled = { stored: [], refused: [], unknown: [...records] };
    await this.#until(async () => {
      const outcomes = await this.#messages.append(settled.unknown);
      const taken: MessageRecord[] = [];
      const unknown: MessageRecord[] = [];
      for (const [i, record] of settled.unknown.entries()) {
        if (outcomes[i] === 'stored') settled.stored.push(record);
        else (outcomes[i] === 'unknown' ? unknown : taken).push(record);
      }
      settled.unknown = [...unknown, ...taken];
      if (taken.length === 0) return unknown.length === 0;
      // Taken by itself, when an earlier try went through unseen, or by another.
      const found = new Map((await this.#messages.byIds(taken.map((r) => r.id))).map((r) => [r.id, r]));
      for (const record of taken) (found.get(record.id)?.seq === record.seq ? settled.stored : settled.refused).push(record);
      settled.unknown = unknown;
      return unknown.length === 0;
    }, late);
    settled.stored.sort((a, b) => a.rev - b.rev);
    return settled;
  }

  async change(next: MessageRecord, ifRev: number, late?: () => void): Promise<ChangeSettled> {
    let result: ChangeSettled = 'unknown';
    await this.#until(async () => {
      const outcome = await this.#messages.change(next, ifRev);
      if (outcome === 'unknown') return false;
      if (outcome === 'stored') result = 'stored';
      // Stale by itself, when an earlier try went through unseen, or by another.
      else result = sameChange(await this.#messages.byId(next.id), next) ? 'stored' : 'refused';
      return true;
    }, late);
    return result;
  }

  /** What is under way is not tried again. */
  close(): void {
    this.#closed = true;
  }

  get #isOver(): boolean {
    return this.#closed || this.#owner.isLost;
  }

  /** Tries until it says done; a read that fails counts as not done. */
  async #until(attempt: () => Promise<boolean>, late?: () => void): Promise<void> {
    const { clock } = this.#owner;
    let end = clock.monotonic() + this.#patienceMs;
    for (let wait = pause.firstMs; ; wait = Math.min(wait * 2, pause.mostMs)) {
      if (this.#isOver || (await attempt().catch(() => false)) || this.#isOver) return;
      if (clock.monotonic() + wait > end) {
        if (!late) return;
        late();
        end = Number.POSITIVE_INFINITY;
      }
      await clock.sleep(wait);
    }
  }
}

const sameChange = (stored: MessageRecord | null, next: MessageRecord): boolean =>
  stored !== null &&
  stored.rev === next.rev &&
  stored.epoch === next.epoch &&
  stored.content === next.content &&
  stored.deleted_at === next.deleted_at &&
  JSON.stringify(stored.reactions) === JSON.stringify(next.reactions);

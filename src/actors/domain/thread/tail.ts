import { newId } from '../../../kernel/ids.js';
import type { Known, MessageRecord, MessageRepository, ThreadRecord } from '../../../store/contracts.js';
import { tombstone } from '../../../store/tombstone.js';
import type { ActorContext } from '../../runtime/actor.js';
import { hiddenIn, holesIn, lateIn, type Place, revsFor } from './repair.js';
import type { Settlement } from './settlement.js';
import { RecentWindow } from './window.js';

export type TailOf = Pick<ThreadRecord, 'id' | 'community_id' | 'floor_seq' | 'floor_rev' | 'last_seq' | 'head_rev'>;

const length = 64;
/** Changes that are looked through for those of owners before: such a one had at most one batch under way. */
const lateLimit = 600;

/**
 * The end of a thread as it is stored: where the thread stands, and its newest messages. What is not as it should be there is set
 * right: holes that a half-done batch left, and what was written where nobody who follows would find it.
 */
export class ThreadTail {
  readonly #context: ActorContext;
  readonly #messages: MessageRepository;
  readonly #thread: TailOf;
  readonly #settlement: Settlement;
  /** At first what the thread's figures say, which may lag: so far at least subscribers may have seen. */
  #head: Place;
  #window = new RecentWindow([], 0);
  /** The rev that was found when this activation began. */
  #begunAt = 0;

  constructor(context: ActorContext, messages: MessageRepository, thread: TailOf, settlement: Settlement) {
    this.#context = context;
    this.#messages = messages;
    this.#thread = thread;
    this.#settlement = settlement;
    this.#head = { seq: thread.last_seq, rev: thread.head_rev };
  }

  get head(): Place {
    return this.#head;
  }

  get window(): RecentWindow {
    return this.#window;
  }

  /** Before anything else. Rejects when the store does not answer. */
  async begin(): Promise<void> {
    await this.load();
    this.#begunAt = this.#head.rev;
  }

  /** Takes in a change that became durable. */
  advance(record: MessageRecord): void {
    if (record.rev > this.#head.rev) this.#head = { seq: Math.max(this.#head.seq, record.seq), rev: record.rev };
    this.#window.apply(record);
  }

  /** Reads where the thread stands and sets right what is not as it should be. Rejects when the store does not answer. */
  async load(): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const stored = await this.#messages.tail(this.#thread.id, length);
      const lastSeq = stored.messages.at(-1)?.seq ?? 0;
      const head = { seq: Math.max(lastSeq, this.#thread.floor_seq), rev: Math.max(stored.rev, this.#thread.floor_rev) };
      const from = Math.max(this.#thread.floor_seq + 1, head.seq - length + 1);
      const tail = stored.messages.filter((m) => m.seq >= from);
      const holes = holesIn(tail, from, head, this.#head, attempt > 0);
      const hidden = hiddenIn(tail, this.#head);
      if (holes.length === 0 && hidden.length === 0) {
        this.#head = head;
        this.#window = new RecentWindow(tail, head.rev);
        return;
      }
      if (holes.length > 0) await this.fill(holes);
      else await this.#bringForward(hidden, revsFor(hidden.length, tail, head, this.#head, attempt > 0));
    }
    throw new Error(`thread ${this.#thread.id} does not come into order`);
  }

  /**
   * Somebody else may have written at a place that was free: a node that did not know that it owns the thread no more, or a write
   * without an answer that was carried out late; at the head, or under a rev that others have gone past. Nobody would tell, so it
   * is looked for. Answers whether there was such a thing. Rejects when the store does not answer.
   */
  async look(): Promise<boolean> {
    let changed = await this.#changedByOthers();
    const { seq, rev } = this.#head;
    const isOvertaken = changed.some((m) => m.rev > rev || m.seq > seq);
    if (isOvertaken) {
      await this.load();
      changed = await this.#changedByOthers();
    }
    const late = lateIn(changed, this.#known, this.#window);
    if (late.length > 0) {
      await this.#bringForward(late, revsFor(late.length, [], this.#head, this.#head, true));
      await this.load();
    }
    return isOvertaken || late.length > 0;
  }

  /** Puts deleted messages into places that would stay empty. */
  async fill(holes: readonly Place[]): Promise<void> {
    const now = this.#context.clock.now();
    const { id: thread_id, community_id } = this.#thread;
    const { epoch } = this.#context;
    await this.#settlement.append(
      holes.map(({ seq, rev }) => tombstone({ id: newId(now), thread_id, community_id, seq, rev, epoch }, now)),
    );
  }

  get #known(): Known {
    return { begunAt: this.#begunAt, epoch: this.#context.epoch, head: this.#head };
  }

  #changedByOthers(): Promise<MessageRecord[]> {
    const from = Math.max(this.#thread.floor_rev, this.#begunAt - length);
    return this.#messages.changedByOthersAfter(this.#thread.id, from, this.#known, lateLimit);
  }

  /** Gives records other revs, in their order: there everybody finds them. */
  async #bringForward(records: readonly MessageRecord[], revs: readonly number[]): Promise<void> {
    for (const [i, record] of records.entries())
      await this.#settlement.change({ ...record, rev: revs[i]!, epoch: this.#context.epoch }, record.rev);
  }
}

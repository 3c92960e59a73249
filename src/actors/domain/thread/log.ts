import { nothingThere } from '../../../authority/decide.js';
import { Fault } from '../../../kernel/errors.js';
import type { MessageRecord, MessageRepository } from '../../../store/contracts.js';
import type { ActorContext, Message } from '../../runtime/actor.js';
import { StateLost } from '../../runtime/supervision.js';

import { type ChangeSettled, type Settled, Settlement } from './settlement.js';
import { type TailOf, ThreadTail } from './tail.js';
import { nonceKey, type RecentWindow } from './window.js';

/** A message to be: everything but its place. */
export type Draft = Omit<MessageRecord, 'thread_id' | 'community_id' | 'seq' | 'rev' | 'epoch'>;

/** What the asker of a change gets: the record, and whether this change made it so. */
export interface Committed {
  record: MessageRecord;
  changed: boolean;
}
export type Done = (error: Fault | null, committed?: Committed) => void;

interface Create {
  kind: 'create';
  draft: Draft;
  done: Done[];
}
interface Alter {
  kind: 'alter';
  id: string;
  /** From the present record to the next; null when there is nothing to change. Throws the asker's Fault. */
  next: (record: MessageRecord) => MessageRecord | null;
  done: Done[];
  tries: number;
}
type Change = Create | Alter;

const noAnswer = (): Fault => new Fault('unavailable', 'The store does not answer', { retry_after_ms: 1_000 });

/** How a write ended; comes back to the actor as a message, so that state changes in turns alone. */
export interface WriteEnded extends Message {
  type: 'write_ended';
  ended:
    | { kind: 'appended'; batch: Create[]; records: MessageRecord[]; settled: Settled }
    | { kind: 'altered'; change: Alter; next: MessageRecord | null; how: ChangeSettled | 'unchanged'; error?: Fault }
    /** It has not ended, and nobody waits any longer. */
    | { kind: 'late'; changes: readonly Change[] };
}

const batchLimit = 200;
const queueLimit = 5_000;
/** So long one who asks waits for the store; a little less than an ask takes by itself, so that it is the thread that answers. */
const patienceMs = 4_000;
/** What is under way when the actor ends gets so long. */
const lastWordsMs = 3_000;
/** After a look that failed. */
const lookAgainMs = 2_000;

/**
 * The thread's sequence of changes: gives each its seq and rev, has it written, and only then lets it be seen. One write of
 * the thread is under way at a time; what arrives meanwhile forms the next one. While the store leaves a write without an
 * answer, those who wait hear `timeout`, others `unavailable` at once, and nothing else is written before it is known what
 * became of it. Crash at any point: what is stored is the truth, which the next activation reads and sets right before it
 * writes anything.
 */
export class ThreadLog {
  readonly #tail: ThreadTail;
  #queue: Change[] = [];
  /**
   * A new one whenever nothing waits: one that is emptied entry by entry, for ever, leaves a table a message behind, which only a full
   * collection gives back.
   */
  #nonces = new Map<string, Create>();
  /** The write under way. */
  #writing: Promise<WriteEnded['ended']> | undefined;
  /** Nobody waits for the write under way any more. */
  #late = false;
  /** It was to be looked again while a write was under way. */
  #isLookOwed = false;
  readonly #settlement: Settlement;

  constructor(
    private readonly context: ActorContext,
    private readonly messages: MessageRepository,
    private readonly thread: TailOf,
    /** Called in rev order for every change that became durable. */
    private readonly committed: (record: MessageRecord, kind: Change['kind']) => void,
    /** Others have written to the thread: the head went on without `committed`. */
    private readonly overtaken: () => void,
  ) {
    this.#settlement = new Settlement(messages, context, patienceMs);
    this.#tail = new ThreadTail(context, messages, thread, this.#settlement);
  }

  get head(): { seq: number; rev: number } {
    return this.#tail.head;
  }

  get window(): RecentWindow {
    return this.#tail.window;
  }

  /** Whether a write is under way: the store may hold more than was seen here. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** Before anything else. Rejects when the store does not answer. */
  begin(): Promise<void> {
    return this.#tail.begin();
  }

  /**
   * Looks for what others have written; see ThreadTail. Call it in a turn. Rejects when the store does not answer, and tells the
   * actor to do it again.
   */
  async lookAgain(): Promise<void> {
    // A write that is under way finds out by itself what is at the head, but not what lies under older revs.
    this.#isLookOwed = this.#writing !== undefined;
    if (this.#isLookOwed) return;
    try {
      await this.#look();
    } catch (error) {
      this.context.tellSelfAfter(lookAgainMs, { type: 'look_again' });
      throw error;
    }
  }

  async #look(): Promise<void> {
    if (await this.#tail.look()) this.overtaken();
  }

  /** A new message. A nonce that is known gives the first one's record. */
  create(draft: Draft, done: Done): void {
    const nonce = draft.nonce;
    if (nonce !== null) {
      const known = this.window.byNonce(draft.author, nonce);
      if (known) {
        done(null, { record: known, changed: false });
        return;
      }
      const waiting = this.#nonces.get(nonceKey(draft.author, nonce));
      if (waiting) {
        waiting.done.push((error, committed) => done(error, committed && { ...committed, changed: false }));
        return;
      }
    }
    const change: Create = { kind: 'create', draft, done: [done] };
    if (!this.#enqueue(change)) return;
    if (nonce !== null) this.#nonces.set(nonceKey(draft.author, nonce), change);
    this.#pump();
  }

  /** Whether a message of this author and nonce is stored, or on its way to be. */
  async knows(author: string, nonce: string): Promise<boolean> {
    if (this.window.byNonce(author, nonce) || this.#nonces.has(nonceKey(author, nonce))) return true;
    return (await this.messages.byNonce(this.thread.id, author, nonce)) !== null;
  }

  alter(id: string, next: Alter['next'], done: Done): void {
    if (this.#enqueue({ kind: 'alter', id, next, done: [done], tries: 0 })) this.#pump();
  }

  #enqueue(change: Change): boolean {
    if (!this.#late && this.#queue.length < queueLimit) {
      this.#queue.push(change);
      return true;
    }
    const refusal = this.#late ? noAnswer() : new Fault('overloaded', 'This thread is too busy', { retry_after_ms: 1_000 });
    for (const done of change.done) done(refusal);
    return false;
  }

  /** What changed after a rev, at most `limit`, by rev. */
  async changedAfter(rev: number, limit: number): Promise<MessageRecord[]> {
    return (this.window.changedAfter(rev) ?? (await this.messages.changedAfter(this.thread.id, rev, limit + 1))).slice(0, limit);
  }

  #pump(): void {
    const first = this.#queue[0];
    if (this.#writing || !first || this.context.isLost) return;
    this.#writing = first.kind === 'create' ? this.#append(this.#takeCreates()) : this.#alter(this.#queue.shift() as Alter);
    void this.#writing.then((ended) => this.#tellSelf(ended));
  }

  #tellSelf(ended: WriteEnded['ended']): void {
    this.context.tellSelf({ type: 'write_ended', ended } as WriteEnded);
  }

  #takeCreates(): Create[] {
    let count = 0;
    while (count < batchLimit && this.#queue[count]?.kind === 'create') count++;
    return this.#queue.splice(0, count) as Create[];
  }

  async #append(batch: Create[]): Promise<WriteEnded['ended']> {
    const records = batch.map((change, i) => this.#place(change.draft, this.head.seq + 1 + i, this.head.rev + 1 + i));
    const settled = await this.#settlement.append(records, () => this.#tellSelf({ kind: 'late', changes: batch }));
    return { kind: 'appended', batch, records, settled };
  }

  async #alter(change: Alter): Promise<WriteEnded['ended']> {
    try {
      const record = this.window.get(change.id) ?? (await this.messages.byId(change.id));
      if (!record || record.thread_id !== this.thread.id) throw nothingThere();
      const next = change.next(record);
      if (next === null) return { kind: 'altered', change, next: record, how: 'unchanged' };
      const placed = { ...next, rev: this.head.rev + 1, epoch: this.context.epoch };
      const how = await this.#settlement.change(placed, record.rev, () => this.#tellSelf({ kind: 'late', changes: [change] }));
      return { kind: 'altered', change, next: placed, how };
    } catch (error) {
      return { kind: 'altered', change, next: null, how: 'unchanged', error: Fault.from(error) };
    }
  }

  /** The turn after a write, or when it takes too long. Throws StateLost when the activation cannot go on. */
  async ended({ ended }: WriteEnded): Promise<void> {
    if (ended.kind === 'late') return this.#giveUp(ended.changes);
    try {
      if (ended.kind === 'appended') await this.#appended(ended.batch, ended.records, ended.settled);
      else await this.#altered(ended);
    } catch (error) {
      this.#giveUp([]);
      if (this.context.isLost) return;
      throw new StateLost(`thread ${this.thread.id}: the store could not be read again`, { cause: error });
    }
    this.#writing = undefined;
    this.#late = false;
    if (this.#isLookOwed)
      await this.lookAgain().catch((error: unknown) => this.context.logger.info({ err: error }, 'could not look again'));
    this.#pump();
  }

  /**
   * No more turns will come. What is under way may end, and what is stored by then is shown and acknowledged; the rest may
   * be sent again. With `isLookDue`, or a look that is owed, it is looked once more, where that is known. With `lost`
   * nothing is waited for: another may own the thread by now.
   */
  async close(lost: boolean, isLookDue: boolean): Promise<void> {
    if (!lost && this.#writing && !this.#late) await this.#lastWords(this.#writing);
    this.#giveUp([]);
    if (!lost && (isLookDue || this.#isLookOwed) && !this.#writing)
      await this.#look().catch((error: unknown) => this.context.logger.info({ err: error }, 'could not look again before the end'));
    this.#settlement.close();
  }

  async #lastWords(writing: Promise<WriteEnded['ended']>): Promise<void> {
    const ended = await Promise.race([writing, this.context.clock.sleep(lastWordsMs)]);
    if (ended?.kind === 'appended') this.#seeBelowGap(ended.batch, ended.records, ended.settled);
    else if (ended?.kind === 'altered' && ended.how === 'stored') await this.#altered(ended);
    if (ended) this.#writing = undefined;
  }

  async #appended(batch: Create[], records: MessageRecord[], settled: Settled): Promise<void> {
    const isStored = new Set(settled.stored.map((r) => r.id));
    // Out of step with the store: what else is there decides where the rest goes.
    const isOvertaken = settled.stored.length < records.length && (await this.#closeAndReload(records, settled));
    for (const [i, record] of records.entries()) {
      if (!isStored.has(record.id)) continue;
      this.#see(record, 'create');
      this.#finish(batch[i]!, null, { record, changed: true });
    }
    if (isOvertaken) this.overtaken();
    const refused = batch.filter((_change, i) => !isStored.has(records[i]!.id));
    if (refused.length > 0) await this.#again(refused);
  }

  /** What is stored above a gap is left to whoever closes it: till then nobody may see it, or they would miss what comes there. */
  #seeBelowGap(batch: Create[], records: MessageRecord[], settled: Settled): void {
    for (const [i, record] of records.entries()) {
      if (!settled.stored.includes(record)) return;
      this.#see(record, 'create');
      this.#finish(batch[i]!, null, { record, changed: true });
    }
  }

  /**
   * A refused record leaves a hole below one that was stored: it is filled before anything else is acknowledged.
   * Answers whether others wrote.
   */
  async #closeAndReload(records: MessageRecord[], settled: Settled): Promise<boolean> {
    if (settled.unknown.length > 0) throw new Error('a write stayed unknown');
    const lastStored = Math.max(0, ...settled.stored.map((r) => r.seq));
    const holes = records.filter((r) => r.seq < lastStored && settled.refused.includes(r));
    if (holes.length > 0) await this.#tail.fill(holes);
    return this.#reload(Math.max(lastStored, this.head.seq));
  }

  /** Answers whether there is more than this log has written; `seq`: as far as that went. */
  async #reload(seq: number): Promise<boolean> {
    const { rev } = this.head;
    await this.#tail.load();
    return this.head.seq > seq || (this.head.seq === seq && this.head.rev > rev);
  }

  /** Refused ones either were there before, by their nonce, or are placed anew behind the head. */
  async #again(refused: Create[]): Promise<void> {
    for (const change of refused.reverse()) {
      if (change.done.length === 0) {
        this.#finish(change, null);
        continue;
      }
      const { author, nonce } = change.draft;
      const known = nonce === null ? null : await this.messages.byNonce(this.thread.id, author, nonce);
      if (known) this.#finish(change, null, { record: known, changed: false });
      else this.#queue.unshift(change);
    }
  }

  async #altered(ended: Extract<WriteEnded['ended'], { kind: 'altered' }>): Promise<void> {
    const { change, next, how, error } = ended;
    if (error || next === null) return this.#finish(change, error ?? new Fault('unavailable'));
    if (how === 'unchanged') return this.#finish(change, null, { record: next, changed: false });
    if (how === 'stored') {
      this.#see(next, 'alter');
      return this.#finish(change, null, { record: next, changed: true });
    }
    if (how === 'unknown') throw new Error('a change stayed unknown');
    if (await this.#reload(this.head.seq)) this.overtaken();
    if (change.done.length > 0 && ++change.tries < 5) this.#queue.unshift(change);
    else this.#finish(change, new Fault('unavailable', 'The message keeps changing elsewhere', { retry_after_ms: 200 }));
  }

  #see(record: MessageRecord, kind: Change['kind']): void {
    this.#tail.advance(record);
    this.committed(record, kind);
  }

  #finish(change: Change, error: Fault | null, committed?: Committed): void {
    if (change.kind === 'create' && change.draft.nonce !== null) this.#forgetNonce(nonceKey(change.draft.author, change.draft.nonce));
    for (const done of change.done.splice(0)) done(error, committed);
  }

  #forgetNonce(key: string): void {
    if (this.#nonces.size > 1) this.#nonces.delete(key);
    else if (this.#nonces.has(key)) this.#nonces = new Map();
  }

  /** Those whose outcome is unknown hear so; those that nobody has begun with may be sent again. */
  #giveUp(unknown: readonly Change[]): void {
    this.#late = true;
    for (const change of unknown) this.#finish(change, new Fault('timeout', 'The store did not answer; the outcome is unknown'));
    for (const change of this.#queue.splice(0)) this.#finish(change, noAnswer());
  }

  #place(draft: Draft, seq: number, rev: number): MessageRecord {
    // Written out: a spread with new fields behind it costs fifty times as much, and the window keeps many of these.
    return {
      id: draft.id,
      thread_id: this.thread.id,
      community_id: this.thread.community_id,
      seq,
      rev,
      author: draft.author,
      content: draft.content,
      created_at: draft.created_at,
      edited_at: draft.edited_at,
      deleted_at: draft.deleted_at,
      reply_to: draft.reply_to,
      attachments: draft.attachments,
      mentions: draft.mentions,
      mention_names: draft.mention_names,
      reactions: draft.reactions,
      nonce: draft.nonce,
      epoch: this.context.epoch,
    };
  }
}

import { Fault } from '../../../kernel/errors.js';
import { newId } from '../../../kernel/ids.js';
import type { MessageRecord, MessageRepository, ThreadRecord } from '../../../store/contracts.js';
import type { ActorContext, Message } from '../../runtime/actor.js';
import { nothingThere } from '../community/policy.js';
import { tombstone } from './message-policy.js';
import { type ChangeSettled, type Settled, Settlement } from './settlement.js';
import { nonceKey, RecentWindow } from './window.js';

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

/** How a write ended; comes back to the actor as a message, so that state changes in turns alone. */
export interface WriteEnded extends Message {
  type: 'write_ended';
  ended:
    | { kind: 'appended'; batch: Create[]; records: MessageRecord[]; settled: Settled }
    | { kind: 'altered'; change: Alter; next: MessageRecord | null; how: ChangeSettled | 'unchanged'; error?: Fault };
}

const batchLimit = 200;
const queueLimit = 5_000;
const tailLength = 64;
const patienceMs = 8_000;

/** Thrown when it cannot be known what is stored: the activation ends, the next one reads the store. */
export class LostTrack extends Error {}

/**
 * The thread's sequence of changes: gives each its seq and rev, has it written, and only then lets it be seen. One write of
 * the thread is under way at a time; what arrives meanwhile forms the next one. Crash at any point: what is stored is the
 * truth, the next activation reads it and closes a hole that a half-done batch left before it writes anything.
 */
export class ThreadLog {
  #head = { seq: 0, rev: 0 };
  #window = new RecentWindow([], 0);
  #queue: Change[] = [];
  readonly #nonces = new Map<string, Create>();
  #writing = false;
  readonly #settlement: Settlement;

  constructor(
    private readonly context: ActorContext,
    private readonly messages: MessageRepository,
    private readonly thread: Pick<ThreadRecord, 'id' | 'community_id' | 'floor_seq' | 'floor_rev'>,
    /** Called in rev order for every change that became durable. */
    private readonly committed: (record: MessageRecord, kind: Change['kind']) => void,
  ) {
    this.#settlement = new Settlement(messages, context.clock, patienceMs);
  }

  get head(): { seq: number; rev: number } {
    return this.#head;
  }

  get window(): RecentWindow {
    return this.#window;
  }

  /** Reads where the thread stands and closes holes near its end. Rejects when the store does not answer. */
  async load(): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const stored = await this.messages.head(this.thread.id);
      const head = { seq: Math.max(stored.seq, this.thread.floor_seq), rev: Math.max(stored.rev, this.thread.floor_rev) };
      const from = Math.max(this.thread.floor_seq + 1, head.seq - tailLength + 1);
      const tail = head.seq === 0 ? [] : await this.messages.range(this.thread.id, from, head.seq + 1);
      const there = new Set(tail.map((m) => m.seq));
      const missing: number[] = [];
      for (let seq = from; seq <= head.seq; seq++) if (!there.has(seq)) missing.push(seq);
      if (missing.length === 0) {
        this.#head = head;
        this.#window = new RecentWindow(tail, head.rev);
        return;
      }
      await this.#settlement.append(missing.map((seq, i) => this.#tombstone(seq, head.rev + 1 + i)));
    }
    throw new LostTrack(`thread ${this.thread.id} has a hole that does not close`);
  }

  /** A new message. A nonce that is known gives the first one's record. */
  create(draft: Draft, done: Done): void {
    const nonce = draft.nonce;
    if (nonce !== null) {
      const known = this.#window.byNonce(draft.author, nonce);
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

  alter(id: string, next: Alter['next'], done: Done): void {
    if (this.#enqueue({ kind: 'alter', id, next, done: [done], tries: 0 })) this.#pump();
  }

  #enqueue(change: Change): boolean {
    if (this.#queue.length < queueLimit) {
      this.#queue.push(change);
      return true;
    }
    for (const done of change.done) done(new Fault('overloaded', 'This thread is too busy', { retry_after_ms: 1000 }));
    return false;
  }

  /** What changed after a rev, at most `limit`, by rev. */
  async changedAfter(rev: number, limit: number): Promise<MessageRecord[]> {
    return (this.#window.changedAfter(rev) ?? (await this.messages.changedAfter(this.thread.id, rev, limit + 1))).slice(0, limit);
  }

  #pump(): void {
    const first = this.#queue[0];
    if (this.#writing || !first) return;
    this.#writing = true;
    const write = first.kind === 'create' ? this.#append(this.#takeCreates()) : this.#alter(this.#queue.shift() as Alter);
    void write.then((ended) => this.context.tellSelf({ type: 'write_ended', ended } as WriteEnded));
  }

  #takeCreates(): Create[] {
    let count = 0;
    while (count < batchLimit && this.#queue[count]?.kind === 'create') count++;
    return this.#queue.splice(0, count) as Create[];
  }

  async #append(batch: Create[]): Promise<WriteEnded['ended']> {
    const records = batch.map((change, i) => this.#place(change.draft, this.#head.seq + 1 + i, this.#head.rev + 1 + i));
    return { kind: 'appended', batch, records, settled: await this.#settlement.append(records) };
  }

  async #alter(change: Alter): Promise<WriteEnded['ended']> {
    try {
      const record = this.#window.get(change.id) ?? (await this.messages.byId(change.id));
      if (!record || record.thread_id !== this.thread.id) throw nothingThere();
      const next = change.next(record);
      if (next === null) return { kind: 'altered', change, next: record, how: 'unchanged' };
      const placed = { ...next, rev: this.#head.rev + 1, epoch: this.context.epoch };
      return { kind: 'altered', change, next: placed, how: await this.#settlement.change(placed, record.rev) };
    } catch (error) {
      return { kind: 'altered', change, next: null, how: 'unchanged', error: Fault.from(error) };
    }
  }

  /** The turn after a write. Throws LostTrack when the activation cannot go on. */
  async ended({ ended }: WriteEnded): Promise<void> {
    try {
      if (ended.kind === 'appended') await this.#appended(ended.batch, ended.records, ended.settled);
      else await this.#altered(ended);
    } catch (error) {
      if (error instanceof LostTrack) throw error;
      throw new LostTrack(`thread ${this.thread.id}: the store could not be read again`, { cause: error });
    }
    this.#writing = false;
    this.#pump();
  }

  async #appended(batch: Create[], records: MessageRecord[], settled: Settled): Promise<void> {
    const isStored = new Set(settled.stored.map((r) => r.id));
    if (settled.stored.length < records.length) {
      // Out of step with the store: what else is there decides where the rest goes.
      if (settled.unknown.length > 0) this.#giveUp(batch.filter((_c, i) => !isStored.has(records[i]!.id)));
      else await this.#closeAndReload(records, settled);
    }
    for (const [i, record] of records.entries()) {
      if (!isStored.has(record.id)) continue;
      this.#see(record, 'create');
      this.#finish(batch[i]!, null, { record, changed: true });
    }
    if (settled.unknown.length > 0) throw new LostTrack(`thread ${this.thread.id}: a write stayed unknown`);
    const refused = batch.filter((_change, i) => !isStored.has(records[i]!.id));
    if (refused.length > 0) await this.#again(refused);
  }

  /** A refused record leaves a hole below one that was stored: it is filled before anything else is acknowledged. */
  async #closeAndReload(records: MessageRecord[], settled: Settled): Promise<void> {
    const lastStored = Math.max(0, ...settled.stored.map((r) => r.seq));
    const holes = records.filter((r) => r.seq < lastStored && settled.refused.includes(r));
    if (holes.length > 0) await this.#settlement.append(holes.map((r) => this.#tombstone(r.seq, r.rev)));
    await this.load();
  }

  /** Refused ones either were there before, by their nonce, or are placed anew behind the head. */
  async #again(refused: Create[]): Promise<void> {
    for (const change of refused.reverse()) {
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
    if (how === 'unknown') {
      this.#giveUp([change]);
      throw new LostTrack(`thread ${this.thread.id}: a change stayed unknown`);
    }
    await this.load();
    if (++change.tries < 5) this.#queue.unshift(change);
    else this.#finish(change, new Fault('unavailable', 'The message keeps changing elsewhere', { retry_after_ms: 200 }));
  }

  #see(record: MessageRecord, kind: Change['kind']): void {
    if (record.rev > this.#head.rev) this.#head = { seq: Math.max(this.#head.seq, record.seq), rev: record.rev };
    this.#window.apply(record);
    this.committed(record, kind);
  }

  #finish(change: Change, error: Fault | null, committed?: Committed): void {
    if (change.kind === 'create' && change.draft.nonce !== null) this.#nonces.delete(nonceKey(change.draft.author, change.draft.nonce));
    for (const done of change.done) done(error, committed);
  }

  #giveUp(changes: Change[]): void {
    for (const change of changes) this.#finish(change, new Fault('timeout', 'The store did not answer; the outcome is unknown'));
    for (const change of this.#queue.splice(0))
      this.#finish(change, new Fault('unavailable', 'The store does not answer', { retry_after_ms: 1000 }));
  }

  #place(draft: Draft, seq: number, rev: number): MessageRecord {
    return { ...draft, thread_id: this.thread.id, community_id: this.thread.community_id, seq, rev, epoch: this.context.epoch };
  }

  #tombstone(seq: number, rev: number): MessageRecord {
    const now = this.context.clock.now();
    return tombstone(
      { id: newId(now), thread_id: this.thread.id, community_id: this.thread.community_id, seq, rev, epoch: this.context.epoch },
      now,
    );
  }
}

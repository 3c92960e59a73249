import type { Clock } from '../../../kernel/clock.js';
import type { ReadRecord, ReadRepository } from '../../../store/contracts.js';

const limit = 2_000;

/**
 * How far each member has read. Cursors only grow. A mark is answered once it is stored; the cursor that one's own message
 * moves is stored a little later, and lost with a crash it only shows that message as unread.
 */
export class ReadCursors {
  readonly #seqs = new Map<string, number>();
  /** Moved, and not known to be stored. */
  readonly #late = new Map<string, ReadRecord>();
  #writing: Promise<void> = Promise.resolve();
  #waiting: ReadRecord[] = [];
  /** The write that takes what waits; everyone who waits for it fails with it. */
  #next: Promise<void> | undefined;

  constructor(
    private readonly threadId: string,
    private readonly reads: ReadRepository,
    private readonly clock: Clock,
  ) {}

  async of(memberId: string): Promise<number> {
    const known = this.#seqs.get(memberId);
    if (known !== undefined) return known;
    const seq = (await this.reads.get(this.threadId, memberId))?.seq ?? 0;
    return this.#set(memberId, seq);
  }

  /** Answers the cursor as it stands then, and whether this moved it. Concurrent marks share one write. */
  async mark(memberId: string, seq: number): Promise<{ seq: number; moved: boolean }> {
    const before = await this.of(memberId);
    const upTo = Math.max(seq, before);
    // What is answered is stored, also where one's own message had moved the cursor further: no crash may take it back.
    if (upTo === before && !this.#late.has(memberId)) return { seq: before, moved: false };
    this.#waiting.push(this.#record(memberId, upTo));
    this.#next ??= this.#writing.catch(() => undefined).then(() => this.#write());
    this.#writing = this.#next;
    await this.#next;
    this.#set(memberId, upTo);
    // Not what it has been moved to meanwhile: that is not stored yet.
    return { seq: upTo, moved: upTo > before };
  }

  /** One's own message has been read. Stored at the next flush. */
  wrote(memberId: string, seq: number): void {
    if (seq <= (this.#seqs.get(memberId) ?? 0)) return;
    if (this.#seqs.has(memberId)) this.#set(memberId, seq);
    this.#late.set(memberId, this.#record(memberId, seq));
  }

  /** Rejects when the store does not take them; they are kept for the next flush. */
  async flush(): Promise<void> {
    const late = [...this.#late.values()];
    if (late.length === 0) return;
    await this.reads.raise(late);
    this.#stored(late);
  }

  async #write(): Promise<void> {
    const records = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    await this.reads.raise(records);
    this.#stored(records);
  }

  /** What was moved further meanwhile is late still. */
  #stored(records: readonly ReadRecord[]): void {
    for (const { member_id, seq } of records) {
      const late = this.#late.get(member_id);
      if (late && late.seq <= seq) this.#late.delete(member_id);
    }
  }

  #record(memberId: string, seq: number): ReadRecord {
    return { thread_id: this.threadId, member_id: memberId, seq, at: this.clock.now() };
  }

  #set(memberId: string, seq: number): number {
    const grown = Math.max(seq, this.#seqs.get(memberId) ?? 0, this.#late.get(memberId)?.seq ?? 0);
    this.#seqs.delete(memberId);
    this.#seqs.set(memberId, grown);
    if (this.#seqs.size > limit) this.#seqs.delete(this.#seqs.keys().next().value as string);
    return grown;
  }
}

import type { Clock } from '../../../kernel/clock.js';
import type { ReadRecord, ReadRepository } from '../../../store/contracts.js';
import { type Figures, knownMark } from '../../../store/unread.js';

const limit = 2_000;

interface Cursor {
  seq: number;
  /** What came until then counted as read when it was worked out, ms. */
  since: number | undefined;
  /** It follows from that time alone, and no record of it is stored. */
  isFree: boolean;
  /** One's own message moved it, or it was found out: one's ledger may not show it. */
  isQuiet: boolean;
}

/** What became of a mark. */
export interface Marked {
  seq: number;
  moved: boolean;
  /** It was written, and one's ledger is to show it. */
  isTold: boolean;
}

/** The thread that the cursors stand in. */
export interface MarkedThread {
  figures(): Figures;
  seqAt(at: number): Promise<number>;
}

/**
 * How far each member has read. Cursors only grow. A mark is answered once it is stored, and marks the record untold
 * for its member's ledger; the cursor that one's own message moves is stored a little later, and lost with a crash it
 * only shows that message as unread. That writes no ledger: the next mark tells of it as well.
 */
export class ReadCursors {
  readonly #cursors = new Map<string, Cursor>();
  /** Moved, and not known to be stored. */
  readonly #late = new Map<string, ReadRecord>();
  #writing: Promise<void> = Promise.resolve();
  #waiting: ReadRecord[] = [];
  /** The write that takes what waits; everyone who waits for it fails with it. */
  #next: Promise<void> | undefined;

  constructor(
    private readonly threadId: string,
    private readonly reads: Pick<ReadRepository, 'get' | 'raise'>,
    private readonly clock: Clock,
    private readonly thread?: MarkedThread,
  ) {}

  /** What came until `since` (ms) is read in any case. */
  async of(memberId: string, since?: number): Promise<number> {
    return (await this.#of(memberId, since)).seq;
  }

  async #of(memberId: string, since: number | undefined): Promise<Cursor> {
    const known = this.#cursors.get(memberId);
    if (known && known.since === since) return known;
    const read = await this.reads.get(this.threadId, memberId);
    const seq = this.thread ? knownMark(this.thread.figures(), read, since) : (read?.seq ?? 0);
    if (seq !== undefined) return this.#set(memberId, seq, { since, isFree: seq > (read?.seq ?? 0), isQuiet: read?.is_quiet ?? false });
    const found = Math.max(read?.seq ?? 0, await this.thread!.seqAt(since!));
    // From now on it is the record. Whether that could be stored matters to nobody: it would be found again.
    await this.reads.raise([{ ...this.#record(memberId, found), is_quiet: true }]).catch(() => undefined);
    return this.#set(memberId, found, { since, isFree: false, isQuiet: true });
  }

  /** Answers the cursor as it stands then, and whether this moved it. Concurrent marks share one write. */
  async mark(memberId: string, seq: number, since?: number): Promise<Marked> {
    const { seq: before, isFree, isQuiet } = await this.#of(memberId, since);
    const upTo = Math.max(seq, before);
    // What is answered is stored, also where one's own message had moved the cursor further: no crash may take it back.
    const isKnown = !isFree && !isQuiet && !this.#late.has(memberId);
    if (upTo === before && isKnown) return { seq: before, moved: false, isTold: false };
    this.#waiting.push(this.#record(memberId, upTo));
    this.#next ??= this.#writing.catch(() => undefined).then(() => this.#write());
    this.#writing = this.#next;
    await this.#next;
    this.#set(memberId, upTo, { since, isFree: false, isQuiet: false });
    // Not what it has been moved to meanwhile: that is not stored yet.
    return { seq: upTo, moved: upTo > before, isTold: true };
  }

  /** One's own message has been read. Stored at the next flush. */
  wrote(memberId: string, seq: number): void {
    const known = this.#cursors.get(memberId);
    if (known && seq <= known.seq) return;
    if (known) this.#set(memberId, seq, { ...known, isQuiet: true });
    this.#late.set(memberId, { ...this.#record(memberId, seq), is_quiet: true });
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

  /** What it was moved to meanwhile is as quiet as it was. */
  #set(memberId: string, seq: number, { since, isFree, isQuiet }: Omit<Cursor, 'seq'>): Cursor {
    const [known, late] = [this.#cursors.get(memberId), this.#late.get(memberId)];
    const grown = Math.max(seq, known?.seq ?? 0, late?.seq ?? 0);
    const cursor = { seq: grown, since, isFree, isQuiet: grown > seq ? (known?.isQuiet ?? true) : isQuiet };
    this.#cursors.delete(memberId);
    this.#cursors.set(memberId, cursor);
    if (this.#cursors.size > limit) this.#cursors.delete(this.#cursors.keys().next().value as string);
    return cursor;
  }
}

import type { MessageRecord } from '../../../store/contracts.js';

/** Messages kept in memory, at most; the older half goes when it is full. */
const windowLimit = 256;
/** Changed messages from before them, at most; the half that changed first goes when there are more. */
const straysLimit = 128;

/**
 * The newest messages of a thread, and older ones that changed lately, as the store has them: what most readers ask for, without
 * a read. Only what is durable enters. The newest messages are contiguous by seq.
 */
export class RecentWindow {
  readonly #messages: MessageRecord[];
  readonly #byId = new Map<string, MessageRecord>();
  readonly #byNonce = new Map<string, MessageRecord>();
  /** Changed messages from before the newest, by id. */
  readonly #strays = new Map<string, MessageRecord>();
  /** Every message that changed after this rev is here. */
  #sinceRev: number;

  /** `newest`: ascending by seq and without a hole; `headRev`: the thread's rev when they were read. */
  constructor(newest: readonly MessageRecord[], headRev: number) {
    this.#messages = [...newest];
    this.#sinceRev = headRev;
    for (const m of newest) this.#remember(m);
  }

  get size(): number {
    return this.#messages.length;
  }

  /** The first seq in the window; Infinity when it is empty. */
  get firstSeq(): number {
    return this.#messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  }

  get(id: string): MessageRecord | undefined {
    return this.#byId.get(id);
  }

  byNonce(author: string, nonce: string): MessageRecord | undefined {
    return this.#byNonce.get(nonceKey(author, nonce));
  }

  /** The newest messages, ascending. */
  newest(limit: number): MessageRecord[] {
    return this.#messages.slice(-limit);
  }

  /** How many deleted ones have after < seq ≤ upTo; null when that reaches back further than the newest messages. */
  countDeleted(after: number, upTo: number): number | null {
    if (after + 1 < this.firstSeq) return null;
    return this.#messages.reduce((count, { seq, deleted_at }) => count + Number(deleted_at !== null && seq > after && seq <= upTo), 0);
  }

  /** What changed after a rev, each message once as it is now, by rev; null when that reaches back further than memory does. */
  changedAfter(rev: number): MessageRecord[] | null {
    if (rev < this.#sinceRev) this.#reachBack();
    if (rev < this.#sinceRev) return null;
    const found: MessageRecord[] = [];
    for (const m of this.#messages) if (m.rev > rev) found.push(m);
    for (const m of this.#strays.values()) if (m.rev > rev) found.push(m);
    return found.sort(byRev);
  }

  /** A record that was just stored: new at the end, or a change of an old one. Revs come ascending. */
  apply(record: MessageRecord): void {
    if (this.#byId.has(record.id)) {
      this.#messages[record.seq - this.firstSeq] = record;
      this.#remember(record);
    } else if (record.seq === (this.#messages.at(-1)?.seq ?? record.seq - 1) + 1) {
      this.#messages.push(record);
      this.#remember(record);
      if (this.#messages.length > windowLimit) this.#forgetOld();
    } else {
      this.#strays.set(record.id, record);
      this.#boundStrays();
    }
  }

  /**
   * What the messages themselves say of the time before they were read: as far back as each rev is that of a message here, nothing
   * else can have changed.
   */
  #reachBack(): void {
    for (const m of this.#messages
      .filter((m) => m.rev <= this.#sinceRev)
      .sort(byRev)
      .reverse()) {
      if (m.rev !== this.#sinceRev) break;
      this.#sinceRev -= 1;
    }
  }

  #remember(m: MessageRecord): void {
    this.#byId.set(m.id, m);
    if (m.nonce !== null) this.#byNonce.set(nonceKey(m.author, m.nonce), m);
  }

  #forgetOld(): void {
    const forgotten = this.#messages.splice(0, windowLimit / 2);
    const keptSince = Math.min(...this.#messages.map(({ rev }) => rev));
    for (const m of forgotten) {
      this.#byId.delete(m.id);
      if (m.nonce !== null) this.#byNonce.delete(nonceKey(m.author, m.nonce));
      // One that changed after a message that stays did must not take with it what is known since then.
      if (m.rev > keptSince) this.#strays.set(m.id, m);
      else this.#sinceRev = Math.max(this.#sinceRev, m.rev);
    }
    this.#boundStrays();
  }

  #boundStrays(): void {
    if (this.#strays.size <= straysLimit) return;
    const first = [...this.#strays.values()].sort(byRev).slice(0, straysLimit / 2);
    for (const m of first) this.#strays.delete(m.id);
    this.#sinceRev = Math.max(this.#sinceRev, first.at(-1)!.rev);
  }
}

const byRev = (a: MessageRecord, b: MessageRecord): number => a.rev - b.rev;

export const nonceKey = (author: string, nonce: string): string => `${author} ${nonce}`;

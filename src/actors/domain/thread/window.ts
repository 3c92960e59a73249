import type { MessageRecord } from '../../../store/contracts.js';

/** Messages kept in memory, at most; the older half goes when it is full. */
const windowLimit = 256;
/** Changes kept for catching up from memory, at most. */
const changesLimit = 512;

/**
 * The newest messages of a thread and the newest changes, as the store has them: what most readers ask for, without a read.
 * Only what is durable enters. The messages are contiguous by seq.
 */
export class RecentWindow {
  #messages: MessageRecord[];
  readonly #byId = new Map<string, MessageRecord>();
  readonly #byNonce = new Map<string, MessageRecord>();
  /** By message, each once as it is now; in the order of their revs. */
  #changes = new Map<string, MessageRecord>();
  /** Every change after this rev is in #changes. */
  #sinceRev: number;
  #reachesBack = false;

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

  /** What changed after a rev, by rev; null when that reaches back further than memory does. */
  changedAfter(rev: number): MessageRecord[] | null {
    if (rev < this.#sinceRev) this.#reachBack();
    if (rev < this.#sinceRev) return null;
    const found: MessageRecord[] = [];
    for (const m of this.#changes.values()) if (m.rev > rev) found.push(m);
    return found;
  }

  /** A record that was just stored: new at the end, or a change of an old one. Revs come ascending. */
  apply(record: MessageRecord): void {
    const before = this.#byId.get(record.id);
    if (before) {
      this.#messages[record.seq - this.firstSeq] = record;
      this.#remember(record);
    } else if (record.seq === (this.#messages.at(-1)?.seq ?? record.seq - 1) + 1) {
      this.#messages.push(record);
      this.#remember(record);
      if (this.#messages.length > windowLimit) this.#forgetOld();
    }
    this.#noteChange(record);
  }

  /**
   * What the messages themselves say of the time before they were read: as far back as each rev is that of a message here, nothing
   * else can have changed. Once is enough: what comes later is noted as it comes.
   */
  #reachBack(): void {
    if (this.#reachesBack) return;
    this.#reachesBack = true;
    const earlier: MessageRecord[] = [];
    for (const m of this.#messages.filter((m) => m.rev <= this.#sinceRev).sort((a, b) => b.rev - a.rev)) {
      if (m.rev !== this.#sinceRev) break;
      earlier.unshift(m);
      this.#sinceRev -= 1;
    }
    this.#changes = new Map([...earlier.map((m) => [m.id, m] as const), ...this.#changes]);
  }

  #noteChange(record: MessageRecord): void {
    // Taken out first, since revs come ascending: what changed last stands last.
    this.#changes.delete(record.id);
    this.#changes.set(record.id, record);
    while (this.#changes.size > changesLimit) {
      const oldest = this.#changes.values().next().value as MessageRecord;
      this.#changes.delete(oldest.id);
      this.#sinceRev = oldest.rev;
    }
  }

  #remember(m: MessageRecord): void {
    this.#byId.set(m.id, m);
    if (m.nonce !== null) this.#byNonce.set(nonceKey(m.author, m.nonce), m);
  }

  #forgetOld(): void {
    for (const m of this.#messages.splice(0, windowLimit / 2)) {
      this.#byId.delete(m.id);
      if (m.nonce !== null) this.#byNonce.delete(nonceKey(m.author, m.nonce));
    }
  }
}

export const nonceKey = (author: string, nonce: string): string => `${author} ${nonce}`;

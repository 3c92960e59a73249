import type { Timer } from './clock.js';
import type { ThreadPort } from './port.js';

/** A typing event is sent once in so long while somebody types on. */
const typingEveryMs = 4_000;
/** Read marks within so long go as one. */
const readEveryMs = 1_000;

/** What one tells a thread beside messages: that one types, and how far one has read. Throttled, and no loss when lost. */
export class OwnSignals {
  readonly #threadId: string;
  readonly #port: ThreadPort;
  readonly #changed: (readSeq: number) => void;
  #typedAt = Number.NEGATIVE_INFINITY;
  #readSeq = 0;
  #readTimer: Timer | undefined;

  /** `changed` is told how far one has read by now. */
  constructor(threadId: string, port: ThreadPort, changed: (readSeq: number) => void) {
    this.#threadId = threadId;
    this.#port = port;
    this.#changed = changed;
  }

  /** How far this device or, by receipt, another one has read; 0 when it is not known. */
  get readSeq(): number {
    return this.#readSeq;
  }

  read(seq: number): void {
    if (!this.heardRead(seq)) return;
    this.#readTimer ??= this.#port.clock.after(readEveryMs, () => this.#sendRead());
  }

  /** One's own receipt, from another device. */
  heardRead(seq: number): boolean {
    if (seq <= this.#readSeq) return false;
    this.#readSeq = seq;
    this.#port.noteRead(this.#threadId, seq);
    this.#changed(seq);
    return true;
  }

  typing(): void {
    const now = this.#port.clock.now();
    if (now - this.#typedAt < typingEveryMs || !this.#port.isOnline) return;
    this.#typedAt = now;
    this.#port.emit('typing', { thread_id: this.#threadId }).catch(() => undefined);
  }

  stopTyping(): void {
    const typed = this.#typedAt !== Number.NEGATIVE_INFINITY;
    this.sent();
    if (typed && this.#port.isOnline) this.#port.emit('stop_typing', { thread_id: this.#threadId }).catch(() => undefined);
  }

  /** A message ends one's typing for those who see it; the next stroke is told anew. */
  sent(): void {
    this.#typedAt = Number.NEGATIVE_INFINITY;
  }

  /** Sends what still waits. */
  close(): void {
    this.stopTyping();
    if (this.#readTimer) this.#sendRead();
  }

  /** Sends a read mark that still waits by a request that outlives the page. */
  flush(): void {
    if (!this.#readTimer) return;
    this.#forgetTimer();
    this.#port.markReadAtLast(this.#threadId, this.#readSeq).catch(() => undefined);
  }

  #forgetTimer(): void {
    this.#readTimer?.cancel();
    this.#readTimer = undefined;
  }

  #sendRead(): void {
    this.#forgetTimer();
    if (this.#port.isOnline) this.#port.emit('mark_read', { thread_id: this.#threadId, seq: this.#readSeq }).catch(() => undefined);
  }
}

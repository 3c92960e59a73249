import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { Envelope } from '../runtime/envelope.js';
import { Mailbox } from '../runtime/mailbox.js';
import type { Mail } from './mail.js';
import { encodeEnvelope, type Wire } from './wire.js';

/** An envelope, encoded when it leaves (its remaining time is of that moment), or an item that is encoded already. */
export type OutItem = { readonly envelope: Envelope; readonly askedBy: string; readonly version: number } | string;

export interface OutgoingLimits {
  /** Items that may wait for one target. */
  pending: number;
  /** So many do not wait for the tick's end: the target begins with them while the others are still made. */
  enough: number;
  /** Items in one entry. */
  batch: number;
  /** Characters in one entry; a single larger item travels alone. */
  batchBytes: number;
  /** Ms before an entry whose outcome is unknown is sent again. */
  retryMs: number;
}

export const defaultOutgoing: OutgoingLimits = { pending: 20_000, enough: 32, batch: 256, batchBytes: 256 * 1024, retryMs: 100 };

interface Target {
  readonly waiting: Mailbox<OutItem>;
  /** Items taken in and dealt with so far. */
  taken: number;
  done: number;
  /** Its next entry is due at the end of the tick, or one is under way. */
  busy: boolean;
  sending: boolean;
}

/**
 * What leaves this instance: items for one target gather until the tick ends or there are enough, and on while an entry to it is under way. An
 * entry is sent until its outcome is known, always with the same number, so it is delivered once and in order while both live.
 */
export class Outgoing {
  readonly #mail: Mail;
  readonly #from: string;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #telemetry: Telemetry;
  readonly #limits: OutgoingLimits;
  /** No such inbox (any more): the items that were not delivered, in order. */
  readonly #onGone: (target: string, items: OutItem[]) => void;
  readonly #targets = new Map<string, Target>();
  /** Numbers entries to all targets together, so that they grow for each, also for one that was forgotten meanwhile. */
  #entries = 0;
  #closed = false;

  constructor(options: {
    mail: Mail;
    from: string;
    wire: Wire;
    clock: Clock;
    logger: Logger;
    telemetry: Telemetry;
    limits: OutgoingLimits;
    onGone: (target: string, items: OutItem[]) => void;
  }) {
    this.#mail = options.mail;
    this.#from = options.from;
    this.#wire = options.wire;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#telemetry = options.telemetry;
    this.#limits = options.limits;
    this.#onGone = options.onGone;
  }

  /** Whether anything was ever sent there. */
  knows(target: string): boolean {
    return this.#targets.has(target);
  }

  /** False when too much waits for the target already. */
  push(target: string, item: OutItem): boolean {
    if (this.#closed) return false;
    let t = this.#targets.get(target);
    if (!t) {
      t = { waiting: new Mailbox(this.#limits.pending), taken: 0, done: 0, busy: false, sending: false };
      this.#targets.set(target, t);
    }
    if (!t.waiting.push(item)) return false;
    t.taken++;
    if (!t.busy) {
      t.busy = true;
      const begun = t;
      setImmediate(() => {
        if (!begun.sending) void this.#flush(target, begun);
      });
    } else if (!t.sending && t.waiting.size >= this.#limits.enough) void this.#flush(target, t);
    return true;
  }

  /** A question that turns true when all that waits now has left (or its target is gone). */
  mark(): () => boolean {
    const marks = [...this.#targets.values()].map((t) => ({ t, at: t.taken })).filter(({ t, at }) => t.done < at);
    return () => marks.every(({ t, at }) => t.done >= at);
  }

  /**
   * The target is no member any more: answers and what else is encoded still go to its inbox, since it may only have left;
   * envelopes that had not been sent are answered here, to go elsewhere.
   */
  recall(target: string): OutItem[] {
    const t = this.#targets.get(target);
    if (!t) return [];
    const envelopes: OutItem[] = [];
    for (const item of t.waiting.drain()) {
      if (typeof item === 'string') t.waiting.push(item);
      else envelopes.push(item);
    }
    t.done += envelopes.length;
    if (!t.busy) this.#targets.delete(target);
    return envelopes;
  }

  /** Sends nothing more. */
  close(): void {
    this.#closed = true;
    for (const t of this.#targets.values()) t.done = t.taken;
    this.#targets.clear();
  }

  /** Never rejects. */
  async #flush(target: string, t: Target): Promise<void> {
    t.sending = true;
    while (t.waiting.size > 0 && !this.#closed) {
      const items = this.#batch(t);
      const delivered = await this.#send(target, items.encoded);
      t.done += items.raw.length;
      if (delivered) continue;
      const rest = t.waiting.drain();
      t.done += rest.length;
      this.#targets.delete(target);
      this.#onGone(target, [...items.raw, ...rest]);
      return;
    }
    t.busy = t.sending = false;
  }

  #batch(t: Target): { raw: OutItem[]; encoded: string[] } {
    const now = this.#clock.monotonic();
    const raw: OutItem[] = [];
    const encoded: string[] = [];
    let size = 0;
    while (raw.length < this.#limits.batch) {
      const next = t.waiting.peek();
      if (next === undefined) break;
      const text = typeof next === 'string' ? next : encodeEnvelope(next.envelope, next.askedBy, now, this.#wire, next.version);
      if (size > 0 && size + text.length > this.#limits.batchBytes) break;
      t.waiting.shift();
      raw.push(next);
      encoded.push(text);
      size += text.length;
    }
    this.#telemetry.envelopesPerEntry.observe(raw.length);
    return { raw, encoded };
  }

  /** False: there is no such inbox. */
  async #send(target: string, encoded: string[]): Promise<boolean> {
    const entry = { from: this.#from, number: ++this.#entries, body: `[${encoded.join(',')}]` };
    while (!this.#closed) {
      try {
        return await this.#mail.send(target, entry);
      } catch (error) {
        this.#logger.warn({ err: error, target }, 'could not append to an inbox; trying again');
      }
      await new Promise<void>((resolve) => this.#clock.after(this.#limits.retryMs, resolve));
    }
    return true;
  }
}

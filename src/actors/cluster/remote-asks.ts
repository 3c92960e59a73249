import { Fault } from '../../kernel/errors.js';
import type { Envelope } from '../runtime/envelope.js';
import { PendingAsk } from '../runtime/post.js';

interface Sent {
  readonly envelope: Envelope;
  readonly ask: PendingAsk;
  readonly slot: number;
  target: string;
  /** Monotonic ms of its last sending. */
  at: number;
  /** How often it was sent because no answer came. */
  repeats: number;
  /** Instances that died while they had it. */
  deaths: number;
}

/** An ask without an answer is sent again after so long, so often at most: it, or its answer, may have been lost on the way. */
const repeat = { afterMs: 1_500, most: 2 };

/** An ask that saw so many instances die may be what kills them: it is not given to another. */
const mostDeaths = 2;

/** This process's asks that went to other instances, until they are answered. Bounded by the post, which makes them. */
export class RemoteAsks {
  readonly #prefix: string;
  readonly #sent = new Map<string, Sent>();
  #count = 0;

  /** `prefix`: unique among all processes that ever lived, since ids are remembered by others. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get size(): number {
    return this.#sent.size;
  }

  /** Whether the envelope is an ask of this process, so that it is tracked here. */
  static own(envelope: Envelope): PendingAsk | undefined {
    return envelope.reply instanceof PendingAsk ? envelope.reply : undefined;
  }

  /** The ask goes to the target; the first time it gets its id. */
  track(envelope: Envelope, ask: PendingAsk, slot: number, target: string, now: number): void {
    if (envelope.id === '') envelope.id = `${this.#prefix}${(this.#count++).toString(36)}`;
    ask.route = 'remote';
    const sent = this.#sent.get(envelope.id);
    if (sent) {
      sent.target = target;
      sent.at = now;
    } else {
      const { id } = envelope;
      this.#sent.set(id, { envelope, ask, slot, target, at: now, repeats: 0, deaths: 0 });
      ask.onSettled = () => this.#sent.delete(id);
    }
  }

  /** It waits for an owner, or is done here: no instance's death concerns it. */
  untarget(id: string): void {
    const sent = this.#sent.get(id);
    if (sent) sent.target = '';
  }

  /** Undefined: answered already, or too late. */
  find(id: string): PendingAsk | undefined {
    return this.#sent.get(id)?.ask;
  }

  envelope(id: string): Envelope | undefined {
    return this.#sent.get(id)?.envelope;
  }

  /** Unanswered asks that were sent there, in the order of their first sending. */
  sentTo(target: string, slots?: ReadonlySet<number>): Envelope[] {
    const found: Envelope[] = [];
    for (const sent of this.#sent.values()) {
      if (sent.target === target && (!slots || slots.has(sent.slot))) found.push(sent.envelope);
    }
    return found;
  }

  /** Asks that should have been answered by now, in the order of their first sending; each is named a bounded number of times. */
  overdue(now: number): Envelope[] {
    const found: Envelope[] = [];
    for (const sent of this.#sent.values()) {
      if (sent.target === '' || sent.repeats >= repeat.most || now - sent.at < repeat.afterMs) continue;
      sent.repeats++;
      found.push(sent.envelope);
    }
    return found;
  }

  /** Unanswered asks that were sent to an instance that died. Those that have outlived others before fail with `timeout` instead. */
  bereaved(target: string): Envelope[] {
    const found: Envelope[] = [];
    for (const sent of [...this.#sent.values()]) {
      if (sent.target !== target) continue;
      if (++sent.deaths < mostDeaths) found.push(sent.envelope);
      else sent.ask.reject(new Fault('timeout', 'The nodes that had this ended one after the other', { retry_after_ms: 5_000 }));
    }
    return found;
  }

  failAll(fault: Fault): void {
    for (const sent of [...this.#sent.values()]) sent.ask.reject(fault);
  }
}

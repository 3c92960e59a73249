import { Fault } from '../../kernel/errors.js';
import type { Envelope } from '../runtime/envelope.js';
import { PendingAsk } from '../runtime/post.js';

interface Sent {
  readonly envelope: Envelope;
  readonly ask: PendingAsk;
  readonly slot: number;
  target: string;
  /** Instances that died while they had it. */
  deaths: number;
}

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
  track(envelope: Envelope, ask: PendingAsk, slot: number, target: string): void {
    if (envelope.id === '') envelope.id = `${this.#prefix}${(this.#count++).toString(36)}`;
    ask.route = 'remote';
    const sent = this.#sent.get(envelope.id);
    if (sent) sent.target = target;
    else {
      const { id } = envelope;
      this.#sent.set(id, { envelope, ask, slot, target, deaths: 0 });
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

  /** The same for an instance that died. Those that have outlived others before fail with `timeout` instead. */
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

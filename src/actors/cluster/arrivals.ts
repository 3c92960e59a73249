import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { DeadLetters } from '../runtime/dead-letters.js';
import type { Envelope } from '../runtime/envelope.js';
import type { Answers } from './answers.js';
import type { Directory } from './directory.js';
import type { Handovers } from './handovers.js';
import type { Held } from './held.js';
import type { LocalActors } from './local-actors.js';
import type { MailEntry } from './mail.js';
import type { RemoteAsks } from './remote-asks.js';
import type { RemoteReply } from './remote-reply.js';
import { slotOf } from './slot.js';
import type { Transport } from './transport.js';
import { decodeBody, decodeEnvelope, encodeFault, type Wire, type WireItem, type WireMessage } from './wire.js';

export interface ArrivalsOptions {
  wire: Wire;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  deadLetters: DeadLetters;
  directory: Directory;
  local: LocalActors | undefined;
  transport: Transport;
  asks: RemoteAsks;
  answers: Answers;
  held: Held;
  handovers: Handovers;
  limits: { hops: number; handoverMs: number };
  /** To where it belongs, behind what waits for the same slot. */
  admit: (slot: number, envelope: Envelope) => void;
  /** Sends again asks whose target was not where it was looked for. */
  lookAgain: (envelopes: Envelope[]) => void;
  later: (ms: number, run: () => void) => void;
}

/** Between looks at whether what a barrier asks for has come true. */
const BARRIER_LOOK_MS = 5;

/** What comes in by mail: messages, answers, and what instances tell each other about a hand-over. */
export class Arrivals {
  readonly #options: ArrivalsOptions;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Never throws. */
  receive(entry: MailEntry): void {
    const items = decodeBody(entry.body);
    if (!items) {
      this.#options.logger.error({ from: entry.from }, 'an inbox entry cannot be read');
      this.#unreadable();
      return;
    }
    for (const item of items) {
      try {
        this.#item(entry.from, item);
      } catch (error) {
        // Whatever it was meant to be: the items and entries behind it are not to suffer for it.
        this.#options.logger.error({ from: entry.from, err: error }, 'an item of an inbox entry cannot be read');
        this.#unreadable();
      }
    }
  }

  /** An answer that this process gives to itself: the ask had been sent away, and came back. */
  answer(text: string): void {
    for (const item of decodeBody(`[${text}]`) ?? []) this.#item('', item);
  }

  #item(from: string, item: WireItem): void {
    switch (item.t) {
      case 'm':
        this.#message(item);
        break;
      case 'r':
        this.#options.asks.find(item.i)?.resolve(item.r);
        break;
      case 'e':
        this.#options.asks.find(item.i)?.reject(Fault.fromJSON(item.e));
        break;
      case 'x':
        this.#moved(item.i);
        break;
      case 'q':
        this.#barrier(from, item.a, item.z);
        break;
      case 'a':
        this.#options.handovers.end(item.a);
        break;
      default:
        this.#unreadable();
    }
  }

  #message(received: WireMessage): void {
    const { i: id, f: askedBy } = received;
    const { wire, transport, answers, clock, limits, admit } = this.#options;
    const asked = id !== undefined && askedBy !== undefined;
    const item = wire.read(received);
    if (!item) {
      if (asked) transport.push(askedBy, encodeFault(id, new Fault('unavailable', 'The nodes run different versions')));
      else this.#unreadable();
      return;
    }
    const reply = asked ? answers.begin(id, askedBy) : undefined;
    if (asked && !reply) return;
    const slot = slotOf({ kind: item.k, key: item.y });
    const envelope = decodeEnvelope(item, reply, clock.monotonic());
    if (this.#isElsewhere(slot) && ++envelope.hops > limits.hops) this.#turnAway(envelope, reply);
    else admit(slot, envelope);
  }

  #isElsewhere(slot: number): boolean {
    const { local, directory, transport } = this.#options;
    if (local?.serves(slot) || local?.settling(slot)) return false;
    const owner = directory.ownerOf(slot);
    return owner !== undefined && owner !== transport.self;
  }

  /** It has been passed on too often: its sender is to look again. */
  #turnAway(envelope: Envelope, reply: RemoteReply | undefined): void {
    const { answers, transport, directory, deadLetters } = this.#options;
    if (!reply) {
      deadLetters.refuse(envelope, new Fault('unavailable'), 'hops');
      return;
    }
    answers.leave(reply);
    transport.push(reply.askedBy, JSON.stringify({ t: 'x', i: reply.id }));
    directory.refreshSoon();
  }

  /** An ask of ours was turned away. */
  #moved(id: string): void {
    const envelope = this.#options.asks.envelope(id);
    if (!envelope) return;
    this.#options.directory.refreshSoon();
    this.#options.lookAgain([envelope]);
  }

  /** First all that came before must have left the places where it waits here, then what left must have arrived. */
  #barrier(from: string, id: string, slots: readonly number[]): void {
    const { clock, limits, held, local, transport, later } = this.#options;
    const until = clock.monotonic() + limits.handoverMs;
    let sent: (() => boolean) | undefined;
    const look = (): void => {
      if (!sent && !slots.some((slot) => held.has(slot) || local?.settling(slot))) sent = transport.mark();
      if (sent?.()) transport.push(from, JSON.stringify({ t: 'a', a: id }));
      else if (clock.monotonic() < until) later(BARRIER_LOOK_MS, look);
    };
    look();
  }

  #unreadable(): void {
    this.#options.telemetry.deadLetters.inc({ reason: 'unreadable' });
  }
}

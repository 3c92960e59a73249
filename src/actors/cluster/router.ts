import type { Clock, Timer } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { randomToken } from '../../kernel/ids.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { DeadLetters } from '../runtime/dead-letters.js';
import { type Envelope, NO_DEADLINE, type Outbox } from '../runtime/envelope.js';
import { Answered } from './answered.js';
import type { Directory, DirectoryChange } from './directory.js';
import { Handovers } from './handovers.js';
import { Held } from './held.js';
import type { Mail, MailEntry, MailReader } from './mail.js';
import { defaultOutgoing, Outgoing, type OutgoingLimits, type OutItem } from './outgoing.js';
import { RemoteAsks } from './remote-asks.js';
import { RemoteReply } from './remote-reply.js';
import { slotOf } from './slot.js';
import { common } from './versions.js';
import { currentWire, decodeBody, decodeEnvelope, encodeFault, type Wire, type WireItem, type WireMessage } from './wire.js';

export interface RouterLimits {
  /** Envelopes that wait for an owner, in all slots. */
  held: number;
  /** Ms a tell waits for an owner before it is a dead letter; an ask waits until its deadline. */
  heldMs: number;
  /** How often an envelope may be passed on before its sender must look again. */
  hops: number;
  /** Ms a sender waits for a slot's old owner before it sends to the new one. */
  handoverMs: number;
  outgoing: OutgoingLimits;
}

export const defaultRouterLimits: RouterLimits = { held: 20_000, heldMs: 10_000, hops: 3, handoverMs: 1_000, outgoing: defaultOutgoing };

/** The actors of this process; absent in one that only sends. */
export interface LocalActors {
  /** The slot is served here, now. */
  serves(slot: number): boolean;
  /** The slot is coming or going: envelopes for it wait here. */
  settling(slot: number): boolean;
  deliver(envelope: Envelope): void;
}

export interface RouterOptions {
  mail: Mail;
  directory: Directory;
  local: LocalActors | undefined;
  /** The versions that it speaks; this release's when absent. */
  wire?: Wire | undefined;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  deadLetters: DeadLetters;
  limits?: Partial<RouterLimits> | undefined;
}

/** Between looks at whether what a barrier asks for has come true. */
const BARRIER_LOOK_MS = 5;
/** Before something whose target turned out to be gone is tried again. */
const LOOK_AGAIN_MS = 50;

/**
 * Decides where each envelope goes: into this process, to the slot's owner, or, while that is unknown, into a place to wait.
 * Every ask it is given ends: by an answer, or by its deadline (which its post keeps).
 */
export class Router implements Outbox {
  readonly #options: RouterOptions;
  readonly #limits: RouterLimits;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #directory: Directory;
  readonly #held: Held;
  readonly #handovers: Handovers;
  readonly #asks = new RemoteAsks(`${randomToken(9)}.`);
  readonly #answered = new Answered();
  readonly #retries = new Set<Timer>();
  #self: string | undefined;
  /** Fenced: until the next incarnation everything waits. */
  #suspended = false;
  #outgoing: Outgoing | undefined;
  #reader: MailReader | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#limits = { ...defaultRouterLimits, ...options.limits };
    this.#wire = options.wire ?? currentWire;
    this.#clock = options.clock;
    this.#directory = options.directory;
    this.#held = new Held(this.#limits.held);
    this.#handovers = new Handovers(options.clock, this.#limits.handoverMs, (from, slots) => this.#handedOver(from, slots));
    options.directory.onChange((change) => this.#changed(change));
  }

  /** Envelopes that wait for an owner, and asks that wait for another instance. */
  get figures(): { held: number; remoteAsks: number } {
    return { held: this.#held.size, remoteAsks: this.#asks.size };
  }

  /** Opens the inbox of an incarnation; one that was open is given up. */
  async open(instance: string): Promise<void> {
    await this.closeInbox(false);
    const { mail, clock, logger, telemetry } = this.#options;
    this.#reader = await mail.open(instance, (entry) => this.#receive(entry));
    this.#outgoing = new Outgoing({
      mail,
      from: instance,
      wire: this.#wire,
      clock,
      logger,
      telemetry,
      limits: this.#limits.outgoing,
      onGone: (target, items) => this.#gone(target, items),
    });
    this.#self = instance;
    this.#suspended = false;
  }

  /** Keeps the inbox from expiring. False: it is gone, and answers reach nobody until another is opened. */
  async keepInbox(): Promise<boolean> {
    return (await this.#reader?.keep()) ?? true;
  }

  /** With `drop` what was sent here is read to its end and the inbox deleted, so that its senders know. */
  async closeInbox(drop: boolean): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close(drop);
    this.#outgoing?.close();
    this.#outgoing = undefined;
    this.#self = undefined;
  }

  /** Something that was made here. */
  send(envelope: Envelope): void {
    const slot = slotOf(envelope.to);
    // A mailbox is one look away, and order holds: nothing waits for a slot that is served, except during a handover.
    if (this.#options.local?.serves(slot) && !this.#handovers.has(slot)) this.#options.local.deliver(envelope);
    else if (this.#handovers.has(slot) || this.#held.has(slot)) this.#hold(slot, envelope);
    else this.#dispatch(slot, envelope);
  }

  /** Sends what waits for these slots to where it belongs by now. */
  release(slots: Iterable<number>): void {
    for (const slot of slots) {
      if (!this.#held.has(slot) || this.#handovers.has(slot)) continue;
      for (const envelope of this.#held.take(slot)) this.#dispatch(slot, envelope);
    }
  }

  /** What was left in mailboxes when their slots were given up: ahead of all that has come for them since. */
  putBack(envelopes: readonly Envelope[]): void {
    const bySlot = new Map<number, Envelope[]>();
    for (const envelope of envelopes) {
      const slot = slotOf(envelope.to);
      const some = bySlot.get(slot);
      if (some) some.push(envelope);
      else bySlot.set(slot, [envelope]);
    }
    for (const [slot, some] of bySlot) {
      for (const envelope of some) this.#mark(envelope, true);
      this.#held.unshift(slot, some);
    }
    this.release(bySlot.keys());
  }

  /** Gives up what waited too long for an owner, and sends asks again that should have been answered. */
  sweep(): void {
    const now = this.#clock.monotonic();
    const useless = (e: Envelope): boolean => (e.deadline === NO_DEADLINE ? now - e.heldSince > this.#limits.heldMs : e.deadline <= now);
    for (const envelope of this.#held.sift(useless)) this.#refuse(envelope, new Fault('timeout', 'Nobody owns this right now'), 'no_owner');
    this.release(this.#held.slots());
    if (!this.#suspended) this.#resend(this.#asks.overdue(now));
  }

  /** Fenced: nobody can say what became of the asks under way, and nothing leaves until the next incarnation's inbox is open. */
  suspend(): void {
    this.#suspended = true;
    this.#handovers.endAll();
    this.#failAll();
  }

  #failAll(): void {
    this.#asks.failAll(new Fault('unavailable', 'This node lost its place in the cluster', { retry_after_ms: 1_000 }));
    for (const envelope of this.#held.sift(() => true))
      this.#refuse(envelope, new Fault('unavailable', undefined, { retry_after_ms: 1_000 }), 'lost');
  }

  /** True once all that waits now has left this process, or nothing can be done about it. */
  drained(): () => boolean {
    const sent = this.#outgoing?.mark() ?? (() => true);
    return () => this.#held.size === 0 && sent();
  }

  stop(): void {
    for (const timer of this.#retries) timer.cancel();
    this.#handovers.endAll();
    this.#failAll();
  }

  #dispatch(slot: number, envelope: Envelope): void {
    const { local } = this.#options;
    if (local?.serves(slot)) {
      this.#mark(envelope, false);
      this.#deliver(local, envelope);
      return;
    }
    const owner = local?.settling(slot) ? undefined : this.#directory.ownerOf(slot);
    if (owner === undefined || owner === this.#self || !this.#outgoing || this.#suspended) this.#hold(slot, envelope);
    else this.#post(slot, envelope, owner);
  }

  /** An ask of ours that had been sent away before may come to us by that road too, and must not be done twice. */
  #deliver(local: LocalActors, envelope: Envelope): void {
    if (envelope.id === '' || !RemoteAsks.own(envelope)) {
      local.deliver(envelope);
      return;
    }
    const { id } = envelope;
    this.#asks.untarget(id);
    const known = this.#answered.begin(id);
    const reply = new RemoteReply(id, this.#self ?? '', (r, text) => this.#answer(r, text));
    if (known === undefined) local.deliver(envelope.answeredTo(reply));
    else if (known !== 'running') this.#answerHere(known);
  }

  #post(slot: number, envelope: Envelope, owner: string): void {
    this.#mark(envelope, false);
    const own = RemoteAsks.own(envelope);
    if (own?.settled) return;
    const member = this.#directory.members.get(owner);
    const version = member && common(this.#wire, member);
    if (version === undefined) {
      this.#refuse(envelope, new Fault('unavailable', 'The nodes run different versions'), 'lost');
      return;
    }
    if (own) this.#asks.track(envelope, own, slot, owner, this.#clock.monotonic());
    const passedOn = envelope.reply instanceof RemoteReply ? envelope.reply : undefined;
    const askedBy = passedOn?.askedBy ?? this.#self!;
    if (!this.#outgoing!.push(owner, { envelope, askedBy, version })) {
      this.#refuse(envelope, new Fault('overloaded', undefined, { retry_after_ms: 500 }), 'overloaded');
      return;
    }
    if (!passedOn) return;
    // Its new owner answers.
    this.#answered.forget(passedOn.id);
    passedOn.drop();
  }

  #hold(slot: number, envelope: Envelope): void {
    if (envelope.deadline <= this.#clock.monotonic()) {
      envelope.reply?.reject(new Fault('timeout'));
      return;
    }
    this.#asks.untarget(envelope.id);
    if (this.#held.push(slot, envelope)) this.#mark(envelope, true);
    else this.#refuse(envelope, new Fault('overloaded', undefined, { retry_after_ms: 1_000 }), 'overloaded');
  }

  #mark(envelope: Envelope, held: boolean): void {
    if (!held) envelope.heldSince = 0;
    else if (envelope.heldSince === 0) envelope.heldSince = this.#clock.monotonic();
    const own = RemoteAsks.own(envelope);
    // One that has been sent before may have been done: its end by time stays "unknown".
    if (own) own.held = held && envelope.id === '';
  }

  #refuse(envelope: Envelope, fault: Fault, reason: 'overloaded' | 'no_owner' | 'lost' | 'hops'): void {
    this.#options.deadLetters.refuse(envelope, fault, reason);
  }

  // What arrives.

  #receive(entry: MailEntry): void {
    const items = decodeBody(entry.body);
    if (!items) {
      this.#options.logger.error({ from: entry.from }, 'an inbox entry cannot be read');
      this.#options.telemetry.deadLetters.inc({ reason: 'unreadable' });
      return;
    }
    for (const item of items) {
      try {
        this.#item(entry.from, item);
      } catch (error) {
        // Whatever it was meant to be: the items and entries behind it are not to suffer for it.
        this.#options.logger.error({ from: entry.from, err: error }, 'an item of an inbox entry cannot be read');
        this.#options.telemetry.deadLetters.inc({ reason: 'unreadable' });
      }
    }
  }

  #item(from: string, item: WireItem): void {
    switch (item.t) {
      case 'm':
        this.#message(item);
        break;
      case 'r':
        this.#asks.find(item.i)?.resolve(item.r);
        break;
      case 'e':
        this.#asks.find(item.i)?.reject(Fault.fromJSON(item.e));
        break;
      case 'x':
        this.#moved(item.i);
        break;
      case 'q':
        this.#barrier(from, item.a, item.z);
        break;
      case 'a':
        this.#handovers.end(item.a);
        break;
      default:
        this.#options.telemetry.deadLetters.inc({ reason: 'unreadable' });
    }
  }

  #message(received: WireMessage): void {
    const { i: id, f: askedBy } = received;
    const asked = id !== undefined && askedBy !== undefined;
    const item = this.#wire.read(received);
    if (!item) {
      if (asked) this.#outgoing?.push(askedBy, encodeFault(id, new Fault('unavailable', 'The nodes run different versions')));
      else this.#options.telemetry.deadLetters.inc({ reason: 'unreadable' });
      return;
    }
    const slot = slotOf({ kind: item.k, key: item.y });
    const here = this.#options.local?.serves(slot) || this.#options.local?.settling(slot);
    if (asked) {
      const known = this.#answered.begin(id);
      if (known === 'running') return;
      if (known !== undefined) {
        this.#outgoing?.push(askedBy, known);
        return;
      }
    }
    const reply = asked ? new RemoteReply(id, askedBy, (r, text) => this.#answer(r, text)) : undefined;
    const envelope = decodeEnvelope(item, reply, this.#clock.monotonic());
    if (!here && this.#directory.ownerOf(slot) !== undefined && this.#directory.ownerOf(slot) !== this.#self) {
      envelope.hops++;
      if (envelope.hops > this.#limits.hops) {
        this.#lookAgain(envelope, reply);
        return;
      }
    }
    // Behind what came before it; but a handover holds back only what is made here.
    if (this.#held.has(slot) && !this.#handovers.has(slot)) this.#hold(slot, envelope);
    else this.#dispatch(slot, envelope);
  }

  #answer(reply: RemoteReply, text: string): void {
    this.#answered.end(reply.id, text);
    if (reply.askedBy === this.#self) this.#answerHere(text);
    // Refused when too much waits for the asker already: it will hear nothing and call it a timeout.
    else this.#outgoing?.push(reply.askedBy, text);
  }

  #answerHere(text: string): void {
    for (const item of decodeBody(`[${text}]`) ?? []) this.#item(this.#self ?? '', item);
  }

  #lookAgain(envelope: Envelope, reply: RemoteReply | undefined): void {
    if (!reply) {
      this.#refuse(envelope, new Fault('unavailable'), 'hops');
      return;
    }
    this.#answered.forget(reply.id);
    reply.drop();
    this.#outgoing?.push(reply.askedBy, JSON.stringify({ t: 'x', i: reply.id }));
    this.#directory.refreshSoon();
  }

  #moved(id: string): void {
    const envelope = this.#asks.envelope(id);
    if (!envelope) return;
    this.#directory.refreshSoon();
    this.#resendLater([envelope]);
  }

  /** First all that came before must have left the places where it waits here, then what left must have arrived. */
  #barrier(from: string, id: string, slots: readonly number[]): void {
    const until = this.#clock.monotonic() + this.#limits.handoverMs;
    let sent: (() => boolean) | undefined;
    const look = (): void => {
      if (!sent && !slots.some((slot) => this.#held.has(slot) || this.#options.local?.settling(slot))) {
        sent = this.#outgoing?.mark() ?? (() => true);
      }
      if (sent?.()) this.#outgoing?.push(from, JSON.stringify({ t: 'a', a: id }));
      else if (this.#clock.monotonic() < until) this.#later(BARRIER_LOOK_MS, look);
    };
    look();
  }

  // What changes.

  #changed(change: DirectoryChange): void {
    for (const { instance, draining } of change.gone) this.#drop(instance, draining === true);
    const left = new Map<string, number[]>();
    for (const { slot, from } of change.moves) {
      if (!from || from === this.#self || !this.#directory.members.has(from) || !this.#outgoing?.knows(from)) continue;
      const slots = left.get(from);
      if (slots) slots.push(slot);
      else left.set(from, [slot]);
    }
    for (const [from, slots] of left) {
      const id = this.#handovers.begin(from, slots);
      this.#outgoing?.push(from, JSON.stringify({ t: 'q', a: id, z: slots }));
    }
    this.release(this.#held.slots());
  }

  /** A member died or left in good order: its asks go to the next owner, tells that had not left yet too. */
  #drop(instance: string, left: boolean): void {
    const unsent = this.#outgoing?.recall(instance) ?? [];
    this.#resend(left ? this.#asks.sentTo(instance) : this.#asks.bereaved(instance));
    for (const item of unsent) this.#reroute(item);
    this.#handovers.endFrom(instance);
  }

  /** The inbox is gone though the directory may not know yet. */
  #gone(target: string, items: OutItem[]): void {
    this.#directory.refreshSoon();
    this.#resendLater(this.#asks.sentTo(target));
    this.#later(LOOK_AGAIN_MS, () => {
      for (const item of items) this.#reroute(item);
    });
  }

  /** What never left: asks of this process are tracked and sent again by that; answers have lost their asker. */
  #reroute(item: OutItem): void {
    if (typeof item === 'string') return;
    const { envelope, askedBy } = item;
    if (RemoteAsks.own(envelope)) return;
    const again =
      envelope.reply instanceof RemoteReply
        ? envelope.answeredTo(new RemoteReply(envelope.id, askedBy, (r, text) => this.#answer(r, text)))
        : envelope;
    this.send(again);
  }

  #handedOver(from: string, slots: ReadonlySet<number>): void {
    this.#resend(this.#asks.sentTo(from, slots));
    this.release(slots);
  }

  #resendLater(envelopes: Envelope[]): void {
    if (envelopes.length > 0) this.#later(LOOK_AGAIN_MS, () => this.#resend(envelopes));
  }

  /** Same id: whoever has it already does not do it twice. */
  #resend(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      if (RemoteAsks.own(envelope)?.settled) continue;
      this.#options.telemetry.asksResent.inc();
      this.#dispatch(slotOf(envelope.to), envelope);
    }
  }

  #later(ms: number, run: () => void): void {
    const timer = this.#clock.after(ms, () => {
      this.#retries.delete(timer);
      run();
    });
    this.#retries.add(timer);
  }
}

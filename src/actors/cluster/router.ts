import type { Clock, Timer } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { randomToken } from '../../kernel/ids.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { DeadLetters } from '../runtime/dead-letters.js';
import { type Envelope, NO_DEADLINE, type Outbox } from '../runtime/envelope.js';
import { Answers } from './answers.js';
import { Arrivals } from './arrivals.js';
import type { Directory, DirectoryChange } from './directory.js';
import { Handovers } from './handovers.js';
import { Held } from './held.js';
import type { LocalActors } from './local-actors.js';
import type { Mail } from './mail.js';
import { defaultOutgoing, type OutgoingLimits, type OutItem } from './outgoing.js';
import { RemoteAsks } from './remote-asks.js';
import { RemoteReply } from './remote-reply.js';
import { slotOf } from './slot.js';
import { Transport } from './transport.js';
import { common } from './versions.js';
import { currentWire, type Wire } from './wire.js';

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

export interface RouterOptions {
  mail: Mail;
  directory: Directory;
  /** Absent in a process that only sends. */
  local: LocalActors | undefined;
  /** The versions that it speaks; this release's when absent. */
  wire?: Wire | undefined;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  deadLetters: DeadLetters;
  limits?: Partial<RouterLimits> | undefined;
}

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
  readonly #answers = new Answers((askedBy, text) => this.#tell(askedBy, text));
  readonly #transport: Transport;
  readonly #arrivals: Arrivals;
  readonly #retries = new Set<Timer>();
  /** Fenced: until the next incarnation everything waits. */
  #suspended = false;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#limits = { ...defaultRouterLimits, ...options.limits };
    this.#wire = options.wire ?? currentWire;
    this.#clock = options.clock;
    this.#directory = options.directory;
    this.#held = new Held(this.#limits.held);
    this.#handovers = new Handovers(options.clock, this.#limits.handoverMs, (from, slots) => this.#handedOver(from, slots));
    this.#transport = new Transport({
      ...{ mail: options.mail, wire: this.#wire, clock: options.clock, logger: options.logger, telemetry: options.telemetry },
      limits: this.#limits.outgoing,
      receive: (entry) => this.#arrivals.receive(entry),
      onGone: (target, items) => this.#gone(target, items),
    });
    this.#arrivals = new Arrivals({
      ...options,
      wire: this.#wire,
      limits: this.#limits,
      transport: this.#transport,
      asks: this.#asks,
      answers: this.#answers,
      held: this.#held,
      handovers: this.#handovers,
      admit: (slot, envelope) => this.#admit(slot, envelope),
      lookAgain: (envelopes) => this.#resendLater(envelopes),
      later: (ms, run) => this.#later(ms, run),
    });
    options.directory.onChange((change) => this.#changed(change));
  }

  /** Envelopes that wait for an owner, and asks that wait for another instance. */
  get figures(): { held: number; remoteAsks: number } {
    return { held: this.#held.size, remoteAsks: this.#asks.size };
  }

  /** Opens the inbox of an incarnation; one that was open is given up. */
  async open(instance: string): Promise<void> {
    await this.#transport.open(instance);
    this.#suspended = false;
  }

  /** Keeps the inbox from expiring. False: it is gone, and answers reach nobody until another is opened. */
  keepInbox(): Promise<boolean> {
    return this.#transport.keep();
  }

  /** With `drop` what was sent here is read to its end and the inbox deleted, so that its senders know. */
  closeInbox(drop: boolean): Promise<void> {
    return this.#transport.close(drop);
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
    const sent = this.#transport.mark();
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
    const { self } = this.#transport;
    if (owner === undefined || owner === self || self === undefined || this.#suspended) this.#hold(slot, envelope);
    else this.#post(slot, envelope, owner, self);
  }

  /** An ask of ours that had been sent away before may come to us by that road too, and must not be done twice. */
  #deliver(local: LocalActors, envelope: Envelope): void {
    if (envelope.id === '' || !RemoteAsks.own(envelope)) {
      local.deliver(envelope);
      return;
    }
    this.#asks.untarget(envelope.id);
    const reply = this.#answers.begin(envelope.id, this.#transport.self ?? '');
    if (reply) local.deliver(envelope.answeredTo(reply));
  }

  #post(slot: number, envelope: Envelope, owner: string, self: string): void {
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
    const askedBy = passedOn?.askedBy ?? self;
    if (!this.#transport.push(owner, { envelope, askedBy, version })) {
      this.#refuse(envelope, new Fault('overloaded', undefined, { retry_after_ms: 500 }), 'overloaded');
      return;
    }
    // Its new owner answers.
    if (passedOn) this.#answers.leave(passedOn);
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

  #refuse(envelope: Envelope, fault: Fault, reason: 'overloaded' | 'no_owner' | 'lost'): void {
    this.#options.deadLetters.refuse(envelope, fault, reason);
  }

  /** Behind what came before it; but a handover holds back only what is made here. */
  #admit(slot: number, envelope: Envelope): void {
    if (this.#held.has(slot) && !this.#handovers.has(slot)) this.#hold(slot, envelope);
    else this.#dispatch(slot, envelope);
  }

  #tell(askedBy: string, text: string): void {
    if (askedBy === (this.#transport.self ?? '')) this.#arrivals.answer(text);
    // Refused when too much waits for the asker already: it will hear nothing and call it a timeout.
    else this.#transport.push(askedBy, text);
  }

  // What changes.

  #changed(change: DirectoryChange): void {
    for (const { instance, draining } of change.gone) this.#drop(instance, draining === true);
    const left = new Map<string, number[]>();
    for (const { slot, from } of change.moves) {
      if (!from || from === this.#transport.self || !this.#directory.members.has(from) || !this.#transport.knows(from)) continue;
      const slots = left.get(from);
      if (slots) slots.push(slot);
      else left.set(from, [slot]);
    }
    for (const [from, slots] of left) {
      const id = this.#handovers.begin(from, slots);
      this.#transport.push(from, JSON.stringify({ t: 'q', a: id, z: slots }));
    }
    this.release(this.#held.slots());
  }

  /** A member died or left in good order: its asks go to the next owner, tells that had not left yet too. */
  #drop(instance: string, left: boolean): void {
    const unsent = this.#transport.recall(instance);
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
    const again = envelope.reply instanceof RemoteReply ? envelope.answeredTo(this.#answers.replyTo(envelope.id, askedBy)) : envelope;
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

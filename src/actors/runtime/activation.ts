import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { Actor, ActorKind, Address, DeactivationReason, Message, Reply } from './actor.js';
import { addressText } from './address.js';
import { type ContextHost, LiveContext, type Tenure } from './context.js';
import type { DeadLetters } from './dead-letters.js';
import { Envelope } from './envelope.js';
import { callHook } from './hook.js';
import { Mailbox } from './mailbox.js';
import type { MailboxLoad } from './mailbox-load.js';
import type { Post } from './post.js';
import type { Runnable, RunQueue } from './run-queue.js';
import { directiveFor } from './supervision.js';
import { isThenable } from './thenable.js';
import { inScope } from './turn-scope.js';

/** Messages to oneself that may wait. More is a defect of the actor: they are counted as dead letters. */
const OWN_LIMIT = 10_000;

/** What an activation needs of the catalog that holds it. */
export interface ActivationHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly post: Post;
  readonly queue: RunQueue;
  readonly deadLetters: DeadLetters;
  readonly load: MailboxLoad;
  /** Ms that `activate` and `deactivate` may take each. */
  readonly hookMs: number;
  /** Read at each activation. */
  tenureOf(address: Address): Tenure;
  /** `undefined` when the address may be activated, else the refusal while it cools down. */
  refusal(address: Address): Fault | undefined;
  /** The first turn may be taken; `ms` since the first message. */
  activated(activation: Activation, ms: number): void;
  turned(activation: Activation): void;
  /** A defect ended the incarnation. */
  failed(activation: Activation, error: unknown): void;
  /** Nothing of it is left; messages that came too late for a final ending are handed over, oldest first. */
  ended(activation: Activation, leftover: Envelope[], reason: DeactivationReason): void;
}

type State = 'new' | 'starting' | 'ready' | 'ending' | 'ended';

/** Endings after which waiting messages do not wake the actor here again. */
const isFinal = (reason: DeactivationReason): boolean => reason === 'handoff' || reason === 'shutdown' || reason === 'lost';
const rank = (reason: DeactivationReason): number => (reason === 'lost' ? 2 : isFinal(reason) ? 1 : 0);

/**
 * The one place of an address on this node: its mailbox and its turn loop. Actors come and go in it (incarnations); since all
 * of them share the mailbox, a new one begins only after the old one's `deactivate` has ended, and no message falls between.
 */
export class Activation implements Runnable, ContextHost {
  readonly address: Address;
  readonly kind: ActorKind;
  /** Monotonic ms of the last message or turn. */
  lastActive: number;
  /** The epoch of the last incarnation that came to live here; 0 before the first. */
  epoch = 0;
  readonly #host: ActivationHost;
  readonly #mailbox: Mailbox<Envelope>;
  #own: Mailbox<Envelope> | undefined;
  #state: State = 'new';
  #queued = false;
  #born: number;
  #actor: Actor | undefined;
  #context: LiveContext | undefined;
  /** The turn that runs. */
  #turn: Envelope | undefined;
  #took = false;
  #left = false;
  #chain: readonly Address[] | undefined;
  #endReason: DeactivationReason | undefined;
  #ended: Deferred | undefined;

  constructor(address: Address, kind: ActorKind, host: ActivationHost) {
    this.address = address;
    this.kind = kind;
    this.#host = host;
    this.#mailbox = new Mailbox(kind.mailboxLimit, host.load);
    this.#born = host.clock.monotonic();
    this.lastActive = this.#born;
  }

  /** Messages that wait. */
  get depth(): number {
    return this.#mailbox.size + (this.#own?.size ?? 0);
  }

  get load(): MailboxLoad {
    return this.#host.load;
  }

  /** See `ActorContext`. */
  get isLost(): boolean {
    return this.#left;
  }

  /** An actor lives here (or is about to). */
  get live(): boolean {
    return this.#state !== 'ended';
  }

  /** Nothing runs, waits or is owed: it may be passivated without anybody noticing. */
  get idle(): boolean {
    return this.#state === 'ready' && !this.#turn && this.depth === 0 && (this.#context?.owed ?? 0) === 0;
  }

  offer(envelope: Envelope): void {
    if (this.#turn && envelope.reply && this.#answersAtOnce(envelope)) return;
    if (!this.#mailbox.push(envelope)) {
      this.#host.deadLetters.refuse(envelope, new Fault('overloaded', undefined, { retry_after_ms: 500 }), 'overloaded');
      return;
    }
    this.#host.load.grew(this);
    this.#wake();
  }

  /** Whether an ask had its answer without waiting for the running turn. */
  #answersAtOnce({ message, reply, scope }: Envelope): boolean {
    const actor = this.#actor;
    if (!actor?.answerAtOnce || this.#endReason) return false;
    try {
      const answer = inScope(scope, () => actor.answerAtOnce?.(message));
      if (answer === undefined) return false;
      if (answer instanceof Promise) {
        answer.then(
          (value) => reply?.resolve(value),
          (error: unknown) => reply?.reject(Fault.from(error)),
        );
      } else reply?.resolve(answer);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Ends the incarnation after its running turn. `handoff`, `shutdown` and `lost` end the activation for good and hand what
   * waits to the catalog; after the others waiting messages activate the actor anew. Resolves when `deactivate` has ended.
   * `lost` gives the place up at once: a turn that still runs ends on its own, outside the catalog.
   */
  end(reason: DeactivationReason): Promise<void> {
    if (this.#state === 'ended') return Promise.resolve();
    if (!this.#endReason || rank(reason) > rank(this.#endReason)) this.#endReason = reason;
    this.#ended ??= deferred();
    const { promise } = this.#ended;
    if (reason === 'lost') this.#leave(reason);
    this.#tryEnd();
    return promise;
  }

  run(limit: number, now: number): number {
    this.#queued = false;
    this.lastActive = now;
    if (this.#state === 'new') this.#start();
    let taken = 0;
    while (this.#state === 'ready' && !this.#turn && taken < limit) {
      const envelope = this.#own?.shift() ?? this.#mailbox.shift();
      if (!envelope) break;
      if (envelope.deadline <= now) envelope.reply?.reject(new Fault('timeout'));
      else {
        taken++;
        this.#take(envelope);
      }
    }
    this.#wake();
    return taken;
  }

  chain(): readonly Address[] | undefined {
    if (!this.#turn) return undefined;
    this.#chain ??= [...this.#turn.chain, this.address];
    return this.#chain;
  }

  takeReply(): Reply | undefined {
    if (!this.#turn) throw new Error('defer() outside a turn');
    if (this.#took) throw new Error('defer() twice in one turn');
    this.#took = true;
    return this.#turn.reply;
  }

  tellSelf(message: Message): void {
    this.#own ??= new Mailbox(OWN_LIMIT, this.#host.load);
    const envelope = new Envelope(this.address, message, undefined);
    if (!this.#own.push(envelope)) this.#host.deadLetters.refuse(envelope, new Fault('overloaded'), 'overloaded');
    this.#wake();
  }

  passivate(): void {
    void this.end('idle');
  }

  #wake(): void {
    if (this.#queued || this.#turn) return;
    if (this.#state === 'ready' ? this.depth === 0 : this.#state !== 'new') return;
    this.#queued = true;
    this.#host.queue.push(this);
  }

  #start(): void {
    const refusal = this.#host.refusal(this.address);
    if (refusal) {
      this.#refuseAll(refusal, 'cooling');
      this.#finish();
      return;
    }
    this.#state = 'starting';
    const { clock, logger, post, hookMs } = this.#host;
    inScope(this.#mailbox.peek()?.scope, () => {
      this.#context = new LiveContext(this, post, clock, logger, this.#host.tenureOf(this.address));
      const context = this.#context;
      callHook(
        { clock, mostMs: hookMs },
        () => {
          this.#actor = this.kind.create(context);
          return this.#actor.activate?.();
        },
        () => this.#started(),
        (error) => this.#startFailed(error),
      );
    });
  }

  #started(): void {
    this.#state = 'ready';
    // Lost while it came to life: it acts for nobody, and nobody is told that it does.
    if (this.#left) {
      this.#tryEnd();
      return;
    }
    this.epoch = this.#context?.epoch ?? 0;
    this.#host.activated(this, this.#host.clock.monotonic() - this.#born);
    if (this.#endReason) this.#tryEnd();
    else this.#wake();
  }

  /** The actor never lived: whoever waits hears why, and its `deactivate` is not called. */
  #startFailed(error: unknown): void {
    const directive = directiveFor(error);
    if (directive !== 'resume') this.#host.failed(this, error);
    if (!this.#endReason || !isFinal(this.#endReason)) this.#refuseAll(Fault.from(error), 'activation_failed');
    this.#endReason ??= 'restart';
    this.#finish();
  }

  #take(envelope: Envelope): void {
    this.#turn = envelope;
    this.#took = false;
    this.#chain = undefined;
    this.#host.turned(this);
    let result: unknown;
    try {
      result = this.#receive(envelope);
    } catch (error) {
      this.#turnFailed(error);
      return;
    }
    if (isThenable(result)) result.then(this.#onValue, this.#onError);
    else this.#turnEnded(result);
  }

  #receive(envelope: Envelope): unknown {
    const actor = this.#actor!;
    return inScope(envelope.scope, () => actor.receive(envelope.message));
  }

  readonly #onValue = (value: unknown): void => {
    this.#turnEnded(value);
    this.#wake();
  };

  readonly #onError = (error: unknown): void => {
    this.#turnFailed(error);
    this.#wake();
  };

  #turnEnded(value: unknown): void {
    const turn = this.#turn;
    this.#turn = undefined;
    if (!this.#took) turn?.reply?.resolve(value);
    if (this.#endReason) this.#tryEnd();
  }

  /** A Fault is the answer. A defect answers `unavailable`, and the state it may have spoilt is thrown away. */
  #turnFailed(error: unknown): void {
    const turn = this.#turn!;
    this.#turn = undefined;
    if (this.#took) this.#context?.failDeferred(error);
    else turn.reply?.reject(Fault.from(error));
    const directive = directiveFor(error);
    if (directive === 'resume') {
      if (!turn.reply) this.#host.logger.info({ to: addressText(this.address), type: turn.message.type, err: error }, 'a tell was refused');
    } else {
      this.#host.failed(this, error);
      this.#endReason ??= 'restart';
    }
    if (this.#endReason) this.#tryEnd();
  }

  #tryEnd(): void {
    if (this.#turn || this.#state === 'starting' || this.#state === 'ending' || this.#state === 'ended') return;
    if (this.#state === 'new') {
      this.#finish();
      return;
    }
    this.#state = 'ending';
    const reason = this.#endReason!;
    this.#context!.close();
    const actor = this.#actor!;
    const { clock, hookMs } = this.#host;
    inScope(undefined, () =>
      callHook(
        { clock, mostMs: hookMs },
        () => actor.deactivate?.(reason),
        () => this.#finish(),
        (error) => {
          const about = { to: addressText(this.address), reason, err: error };
          if (error instanceof Fault) this.#host.logger.warn(about, 'deactivate was refused');
          else this.#host.logger.error(about, 'defect: deactivate failed');
          this.#finish();
        },
      ),
    );
  }

  /** The incarnation is over. */
  #finish(): void {
    const reason = this.#endReason ?? 'idle';
    const ended = this.#ended;
    this.#context?.abandon();
    this.#context = undefined;
    this.#actor = undefined;
    for (const own of this.#own?.drain() ?? []) this.#host.deadLetters.refuse(own, new Fault('unavailable'), 'stopped');
    this.#own = undefined;
    this.#endReason = undefined;
    this.#ended = undefined;
    if (!this.#left && !isFinal(reason) && this.#mailbox.size > 0) {
      this.#state = 'new';
      this.#born = this.#host.clock.monotonic();
      this.#wake();
    } else {
      this.#state = 'ended';
      this.#leave(reason);
    }
    ended?.resolve();
  }

  /** Gives up the place in the catalog, once. */
  #leave(reason: DeactivationReason): void {
    if (this.#left) return;
    this.#left = true;
    this.#host.ended(this, this.#mailbox.drain(), reason);
  }

  #refuseAll(fault: Fault, reason: 'cooling' | 'activation_failed'): void {
    for (const envelope of this.#mailbox.drain()) this.#host.deadLetters.refuse(envelope, fault, reason);
  }
}

interface Deferred {
  promise: Promise<void>;
  resolve: () => void;
}

const deferred = (): Deferred => {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

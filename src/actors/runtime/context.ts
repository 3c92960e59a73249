import type { Clock, Timer } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { ActorContext, Address, AskOptions, Message, Reply, ReplyOf } from './actor.js';
import { addressText } from './address.js';
import type { Post } from './post.js';

/** Under what an incarnation owns its address. */
export interface Tenure {
  epoch: number;
  /** See `ActorContext`. */
  aloneMs: number;
}

/** What an incarnation's context needs of the activation around it. */
export interface ContextHost {
  readonly address: Address;
  /** Where the answers that are owed are counted. */
  readonly load: { owed: number };
  /** See `ActorContext`. */
  readonly isLost: boolean;
  /** The chain an ask made now belongs to: the running turn's and this actor; undefined between turns. */
  chain(): readonly Address[] | undefined;
  /** Takes the running turn's reply out of it; undefined for a tell. Throws outside a turn. */
  takeReply(): Reply | undefined;
  tellSelf(message: Message): void;
  passivate(): void;
}

/** What one incarnation of an actor sees of the world. Once it is closed nothing sent through it reaches the actor's successor. */
export class LiveContext implements ActorContext {
  readonly epoch: number;
  readonly aloneMs: number;
  readonly clock: Clock;
  readonly #host: ContextHost;
  readonly #post: Post;
  readonly #nodeLogger: Logger;
  #logger: Logger | undefined;
  #timers: Set<Timer> | undefined;
  #deferred: Set<DeferredReply> | undefined;
  #latest: DeferredReply | undefined;
  #closed = false;

  constructor(host: ContextHost, post: Post, clock: Clock, logger: Logger, { epoch, aloneMs }: Tenure) {
    this.#host = host;
    this.#post = post;
    this.clock = clock;
    this.#nodeLogger = logger;
    this.epoch = epoch;
    this.aloneMs = aloneMs;
  }

  get address(): Address {
    return this.#host.address;
  }

  get logger(): Logger {
    this.#logger ??= this.#nodeLogger.child({ actor: addressText(this.#host.address) });
    return this.#logger;
  }

  get isLost(): boolean {
    return this.#host.isLost;
  }

  /** Answers that are still owed. */
  get owed(): number {
    return this.#deferred?.size ?? 0;
  }

  tell<M extends Message>(to: Address, message: M): void {
    this.#post.tell(to, message);
  }

  ask<M extends Message>(to: Address, message: M, options?: AskOptions): Promise<ReplyOf<M>> {
    return this.#post.ask(to, message, options, this.#closed ? undefined : this.#host.chain());
  }

  defer<R = unknown>(): Reply<R> {
    if (this.#closed) throw new Error('defer() after the activation ended');
    const sink = this.#host.takeReply();
    if (!sink) return nobody;
    this.#deferred ??= new Set();
    const reply = new DeferredReply(sink, this.#deferred, this.#host.load, (error) =>
      this.logger.error({ err: error }, 'defect: a deferred reply failed'),
    );
    this.#deferred.add(reply);
    this.#latest = reply;
    return reply;
  }

  /** The turn that took its reply out has failed after that. */
  failDeferred(error: unknown): void {
    this.#latest?.reject(Fault.from(error));
  }

  tellSelf(message: Message): void {
    if (!this.#closed) this.#host.tellSelf(message);
  }

  tellSelfAfter(ms: number, message: Message): Timer {
    if (this.#closed) return { cancel: () => undefined };
    this.#timers ??= new Set();
    const timers = this.#timers;
    const timer = this.clock.after(ms, () => {
      timers.delete(handle);
      if (!this.#closed) this.#host.tellSelf(message);
    });
    const handle: Timer = {
      cancel: () => {
        timers.delete(handle);
        timer.cancel();
      },
    };
    timers.add(handle);
    return handle;
  }

  passivate(): void {
    if (!this.#closed) this.#host.passivate();
  }

  /** Before the actor's `deactivate`: no more turns will come, but it may still send, and answer what it deferred. */
  close(): void {
    this.#closed = true;
    for (const timer of [...(this.#timers ?? [])]) timer.cancel();
  }

  /** After the actor's `deactivate`: what is still unanswered may or may not have been done. */
  abandon(): void {
    this.close();
    for (const reply of [...(this.#deferred ?? [])]) reply.reject(new Fault('timeout', 'The actor ended before it answered'));
  }
}

const nobody: Reply<unknown> = { resolve: () => undefined, reject: () => undefined };

class DeferredReply implements Reply<unknown> {
  #sink: Reply | undefined;
  readonly #owed: Set<DeferredReply>;
  readonly #load: { owed: number };
  readonly #onDefect: (error: unknown) => void;

  constructor(sink: Reply, owed: Set<DeferredReply>, load: { owed: number }, onDefect: (error: unknown) => void) {
    this.#sink = sink;
    this.#owed = owed;
    this.#load = load;
    load.owed++;
    this.#onDefect = onDefect;
  }

  resolve(value: unknown): void {
    this.#take()?.resolve(value);
  }

  reject(error: unknown): void {
    const sink = this.#take();
    if (sink && !(error instanceof Fault)) this.#onDefect(error);
    sink?.reject(Fault.from(error));
  }

  #take(): Reply | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    if (this.#owed.delete(this)) this.#load.owed--;
    return sink;
  }
}

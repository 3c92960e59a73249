import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { ActorSystem, Address, AskOptions, Message, Reply, ReplyOf } from './actor.js';
import { addressText, sameAddress } from './address.js';
import { Deadlines, Expiring } from './deadlines.js';
import { Envelope, NO_DEADLINE, type Outbox } from './envelope.js';
import type { Route, Tally } from './tally.js';
import { outgoingScope } from './turn-scope.js';

const DEFAULT_TIMEOUT_MS = 5_000;

/** Asks of asks of asks: deeper than this is a defect, whoever is in it. */
const CHAIN_LIMIT = 16;

/** One ask that waits for its answer: settled once, by an answer or by its deadline. */
export class PendingAsk extends Expiring implements Reply {
  route: Route = 'local';
  /** It waits for somebody to own its address: nobody can have done it. */
  held = false;
  /** Called once, when it is settled by whatever. */
  onSettled: (() => void) | undefined;
  readonly #post: Post;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (fault: Fault) => void;
  #settled = false;

  constructor(post: Post, deadline: number, resolve: (value: unknown) => void, reject: (fault: Fault) => void) {
    super(deadline);
    this.#post = post;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get settled(): boolean {
    return this.#settled;
  }

  resolve(value: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#post.settled(this, 'ok');
    this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    const fault = Fault.from(error);
    this.#post.settled(this, fault.code);
    this.#reject(fault);
  }

  expire(): void {
    this.reject(this.held ? new Fault('unavailable', 'Nobody owns this right now', { retry_after_ms: 1_000 }) : new Fault('timeout'));
  }
}

/** Makes envelopes of tells and asks, and keeps the asks until they are answered. */
export class Post implements ActorSystem {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tally: Tally;
  readonly #outbox: Outbox;
  readonly #deadlines: Deadlines;
  readonly #limit: number;

  /** `pendingAsks`: asks that may wait for an answer in this process; one more is refused with `overloaded`. */
  constructor(options: { clock: Clock; logger: Logger; tally: Tally; outbox: Outbox; pendingAsks: number }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#tally = options.tally;
    this.#outbox = options.outbox;
    this.#limit = options.pendingAsks;
    this.#deadlines = new Deadlines(options.clock);
  }

  get pending(): number {
    return this.#deadlines.size;
  }

  tell<M extends Message>(to: Address, message: M): void {
    this.#outbox.send(new Envelope(to, message, undefined, NO_DEADLINE, undefined, outgoingScope()));
  }

  ask<M extends Message>(to: Address, message: M, options?: AskOptions, chain?: readonly Address[]): Promise<ReplyOf<M>> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal(to, chain);
      if (refusal) {
        this.#tally.ask('local', refusal.code);
        reject(refusal);
        return;
      }
      const deadline = this.#clock.monotonic() + (options?.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const pending = new PendingAsk(this, deadline, resolve as (value: unknown) => void, reject);
      this.#deadlines.add(pending);
      this.#outbox.send(new Envelope(to, message, pending, deadline, chain, outgoingScope()));
    });
  }

  /** Only for PendingAsk. */
  settled(ask: PendingAsk, outcome: 'ok' | Fault['code']): void {
    this.#deadlines.remove(ask);
    this.#tally.ask(ask.route, outcome);
    ask.onSettled?.();
  }

  /** Fails every ask that waits, with `timeout`: whether they were done is unknown. */
  stop(): void {
    this.#deadlines.expireAll();
  }

  #refusal(to: Address, chain: readonly Address[] | undefined): Fault | undefined {
    if (this.#deadlines.size >= this.#limit) return new Fault('overloaded', undefined, { retry_after_ms: 1_000 });
    if (!chain) return undefined;
    if (chain.length <= CHAIN_LIMIT && !chain.some((a) => sameAddress(a, to))) return undefined;
    // Each actor in the chain waits in its turn for the next: the one asked could never take this turn.
    this.#logger.error({ chain: [...chain, to].map(addressText) }, 'defect: a chain of asks comes back to an actor that waits in it');
    return new Fault('unavailable', 'This would wait for itself');
  }
}

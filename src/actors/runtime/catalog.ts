import { LRUCache } from 'lru-cache';
import type { Clock, Timer } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { Activation, type ActivationHost } from './activation.js';
import type { ActorKind, Address, DeactivationReason, Message } from './actor.js';
import { addressText } from './address.js';
import type { Tenure } from './context.js';
import { DeadLetters } from './dead-letters.js';
import type { Envelope } from './envelope.js';
import { MailboxLoad } from './mailbox-load.js';
import { idleSince, longestIdle } from './passivation.js';
import { Post } from './post.js';
import { RunQueue } from './run-queue.js';
import { defaultRestarts, directiveFor, RestartBudget, type RestartLimits } from './supervision.js';
import { Tally } from './tally.js';

export interface CatalogLimits {
  /** Activations above which the longest idle are passivated; at twice as many a new one is refused with `overloaded`. */
  activations: number;
  /** Asks of this process that may wait for an answer. */
  pendingAsks: number;
  /** Ms between two sweeps: idle actors are passivated and metrics brought up to date at this pace. */
  sweepMs: number;
  /** Ms that `activate` and `deactivate` may take each. */
  hookMs: number;
  restarts: RestartLimits;
}

export const defaultCatalogLimits: CatalogLimits = {
  activations: 50_000,
  pendingAsks: 100_000,
  sweepMs: 1_000,
  hookMs: 10_000,
  restarts: defaultRestarts,
};

export interface CatalogOptions {
  kinds: readonly ActorKind[];
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  limits?: Partial<CatalogLimits> | undefined;
  /** Counts what waits here; one of its own when absent. */
  load?: MailboxLoad | undefined;
  /** Where the actors' own messages go; without it they stay in this catalog. */
  outbox?: ((envelope: Envelope) => void) | undefined;
  /** What an address's slot is owned under; without it epoch 1, since the catalog was made. */
  claimOf?: ((address: Address) => Claim) | undefined;
  /** This node's name among the nodes, for the log. */
  instance?: (() => string | undefined) | undefined;
  /** An actor threw `Escalate`. */
  onEscalate?: ((address: Address, error: unknown) => void) | undefined;
}

/** Since when (monotonic ms) and under which epoch this node owns an address's slot. */
export interface Claim {
  epoch: number;
  since: number;
}

interface Shelf {
  kind: ActorKind;
  activations: Map<string, Activation>;
  /** Taken since the last sweep. */
  turns: number;
}

/** The activations of this node. Whether an address belongs on this node is its caller's business. */
export class Catalog implements ActivationHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly queue: RunQueue;
  readonly deadLetters: DeadLetters;
  readonly load: MailboxLoad;
  readonly tally: Tally;
  /** Tells and asks; also the actors' own. */
  readonly post: Post;
  readonly #telemetry: Telemetry;
  readonly #limits: CatalogLimits;
  readonly #budget: RestartBudget;
  readonly #shelves = new Map<string, Shelf>();
  readonly #claimOf: (address: Address) => Claim;
  /** Monotonic ms of the last failure, of those that failed lately. */
  readonly #failedAt = new LRUCache<string, number>(entriesAtMost(10_000));
  readonly #instance: (() => string | undefined) | undefined;
  readonly #onEscalate: ((address: Address, error: unknown) => void) | undefined;
  /** What waits in an activation that is being evacuated goes here. */
  readonly #evacuated = new Map<Activation, Envelope[]>();
  #size = 0;
  #relieving = false;
  #sweep: Timer | undefined;
  #stopped = false;

  constructor(options: CatalogOptions) {
    this.clock = options.clock;
    this.logger = options.logger;
    this.load = options.load ?? new MailboxLoad();
    this.#telemetry = options.telemetry;
    this.#limits = { ...defaultCatalogLimits, ...options.limits };
    const alone = { epoch: 1, since: options.clock.monotonic() };
    this.#claimOf = options.claimOf ?? (() => alone);
    this.#instance = options.instance;
    this.#onEscalate = options.onEscalate;
    this.queue = new RunQueue(options.clock);
    this.deadLetters = new DeadLetters(options.clock, options.logger, options.telemetry);
    this.tally = new Tally(options.telemetry);
    this.#budget = new RestartBudget(options.clock, this.#limits.restarts);
    const send = options.outbox ?? ((envelope: Envelope) => this.deliver(envelope));
    this.post = new Post({
      clock: options.clock,
      logger: options.logger,
      tally: this.tally,
      outbox: { send },
      pendingAsks: this.#limits.pendingAsks,
    });
    for (const kind of options.kinds) {
      if (kind.name.includes('/') || this.#shelves.has(kind.name)) throw new Error(`bad or doubled actor kind: ${kind.name}`);
      this.#shelves.set(kind.name, { kind, activations: new Map(), turns: 0 });
    }
  }

  get hookMs(): number {
    return this.#limits.hookMs;
  }

  /** Living activations. */
  get size(): number {
    return this.#size;
  }

  /**
   * Messages that wait in all mailboxes, and in the fullest one (0 while none holds more than 16), and asks that wait for an answer
   * beside the turns. Cheap: counted as they come and go.
   */
  waiting(): { messages: number; deepest: number; owed: number } {
    return { messages: this.load.messages, deepest: this.load.deepest(), owed: this.load.owed };
  }

  /** Living activations by kind. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.#shelves].map(([name, shelf]) => [name, shelf.activations.size]));
  }

  /** Begins the sweeps. Harmless when begun before. */
  start(): void {
    this.#stopped = false;
    this.#sweep ??= this.clock.every(this.#limits.sweepMs, () => this.sweep());
  }

  /** Puts the envelope into its actor's mailbox, activating it when need be. Never throws; answers for what it refuses. */
  deliver(envelope: Envelope): void {
    const { kind, key } = envelope.to;
    const shelf = this.#shelves.get(kind);
    const activation = shelf?.activations.get(key);
    if (activation) activation.offer(envelope);
    else this.#activate(shelf, envelope);
  }

  /** Tells every living activation of a kind; activates none. */
  tellAll(kind: string, message: Message): void {
    for (const key of this.#shelves.get(kind)?.activations.keys() ?? []) this.post.tell({ kind, key }, message);
  }

  has(address: Address): boolean {
    return this.#shelves.get(address.kind)?.activations.has(address.key) ?? false;
  }

  /** Passivates what has been idle long enough or is too many, and brings the metrics up to date. */
  sweep(): void {
    for (const activation of idleSince(this.#all(), this.clock.monotonic())) void activation.end('idle');
    this.#relieve();
    this.report();
  }

  /** Moves what was counted since the last time into the metrics. */
  report(): void {
    this.#telemetry.mailboxDepth.set(this.waiting().messages);
    this.#telemetry.quarantined.set(this.#budget.quarantined());
    for (const [name, shelf] of this.#shelves) {
      this.#telemetry.activations.set({ kind: name }, shelf.activations.size);
      this.tally.turns(name, shelf.turns);
      shelf.turns = 0;
    }
    this.tally.flush();
  }

  /** Passivates the `count` actors that have been idle longest; answers how many there were. */
  relieve(count: number): number {
    const chosen = longestIdle(this.#all(), count);
    for (const activation of chosen) void activation.end('memory');
    return chosen.length;
  }

  /**
   * Ends every activation chosen, and answers what waited in their mailboxes (oldest first in each) once all have ended. The
   * caller must keep new messages for them away meanwhile. With `lost` nothing is waited for. One that has not ended after
   * `limitMs` is given up as lost: its running turn ends on its own, and only the store keeps it from being believed.
   */
  async evacuate(
    chosen: (address: Address) => boolean,
    reason: DeactivationReason,
    limitMs = this.#limits.hookMs + 1_000,
  ): Promise<Envelope[]> {
    const leftover: Envelope[] = [];
    const endings: Promise<void>[] = [];
    const going = [...this.#all()].filter((activation) => chosen(activation.address));
    for (const activation of going) {
      this.#evacuated.set(activation, leftover);
      endings.push(activation.end(reason));
    }
    if (reason === 'lost' || endings.length === 0) return leftover;
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = this.clock.after(limitMs, resolve);
    });
    await Promise.race([Promise.all(endings), late]);
    timer?.cancel();
    for (const activation of going) {
      if (!activation.live) continue;
      this.logger.error({ to: addressText(activation.address), reason }, 'an activation did not end in time and is given up');
      void activation.end('lost');
    }
    return leftover;
  }

  /** Ends all activations in good order; what still waits is refused with `unavailable`, pending asks fail with `timeout`. */
  async stop(reason: 'shutdown' | 'lost' = 'shutdown'): Promise<void> {
    this.#stopped = true;
    this.#sweep?.cancel();
    this.#sweep = undefined;
    this.refuse(await this.evacuate(() => true, reason), 'stopped');
    this.post.stop();
    this.report();
  }

  /** Answers `unavailable` to what can go nowhere from here. */
  refuse(envelopes: readonly Envelope[], reason: 'stopped' | 'lost'): void {
    for (const envelope of envelopes) this.#refuse(envelope, reason);
  }

  tenureOf(address: Address): Tenure {
    const { epoch, since } = this.#claimOf(address);
    const failedAt = this.#failedAt.get(addressText(address)) ?? since;
    return { epoch, aloneMs: this.clock.monotonic() - Math.max(since, failedAt) };
  }

  refusal(address: Address): Fault | undefined {
    const ms = this.#budget.coolingMs(address);
    return ms > 0 ? new Fault('unavailable', 'Failed too often; trying again later', { retry_after_ms: Math.ceil(ms) }) : undefined;
  }

  activated(activation: Activation, ms: number): void {
    this.#telemetry.activationSeconds.observe({ kind: activation.kind.name }, ms / 1_000);
    if (this.logger.isLevelEnabled('debug')) this.#log(activation, 'activated');
  }

  turned(activation: Activation): void {
    const shelf = this.#shelves.get(activation.kind.name);
    if (shelf) shelf.turns++;
  }

  failed(activation: Activation, error: unknown): void {
    const { address } = activation;
    const meant = directiveFor(error);
    const directive = meant === 'restart' ? this.#budget.failed(address) : meant;
    this.#telemetry.restarts.inc({ kind: activation.kind.name, directive });
    const to = addressText(address);
    this.#failedAt.set(to, this.clock.monotonic());
    if (directive === 'renew') this.logger.warn({ to, err: error }, 'an actor begins anew: it cannot know what is stored');
    else this.logger.error({ to, directive, err: error }, 'defect: an actor failed');
    if (directive === 'stop') {
      this.logger.error({ to, for_ms: Math.ceil(this.#budget.coolingMs(address)) }, 'quarantined: failed again and again');
    }
    if (directive === 'escalate') this.#onEscalate?.(address, error);
  }

  ended(activation: Activation, leftover: Envelope[], reason: DeactivationReason): void {
    const shelf = this.#shelves.get(activation.kind.name);
    if (shelf?.activations.get(activation.address.key) === activation) {
      shelf.activations.delete(activation.address.key);
      this.#size--;
    }
    if (activation.epoch > 0 && this.logger.isLevelEnabled('debug')) this.#log(activation, 'deactivated', reason);
    const sink = this.#evacuated.get(activation);
    this.#evacuated.delete(activation);
    if (sink) sink.push(...leftover);
    else for (const envelope of leftover) this.#refuse(envelope, reason === 'lost' ? 'lost' : 'stopped');
  }

  #activate(shelf: Shelf | undefined, envelope: Envelope): void {
    if (!shelf) {
      this.deadLetters.refuse(envelope, new Fault('unavailable', `No actor of kind ${envelope.to.kind} here`), 'unknown_kind');
      return;
    }
    if (this.#stopped) {
      this.#refuse(envelope, 'stopped');
      return;
    }
    if (this.#size >= 2 * this.#limits.activations) {
      this.deadLetters.refuse(envelope, new Fault('overloaded', undefined, { retry_after_ms: 1_000 }), 'overloaded');
      return;
    }
    const refusal = this.refusal(envelope.to);
    if (refusal) {
      this.deadLetters.refuse(envelope, refusal, 'cooling');
      return;
    }
    const activation = new Activation(envelope.to, shelf.kind, this);
    shelf.activations.set(envelope.to.key, activation);
    this.#size++;
    activation.offer(envelope);
    if (this.#size > this.#limits.activations * 1.1) this.#relieve();
  }

  /** Above the limit: the longest idle go, at most once in a turn of the event loop. */
  #relieve(): void {
    if (this.#relieving || this.#size <= this.#limits.activations) return;
    this.#relieving = true;
    setImmediate(() => {
      this.#relieving = false;
      this.relieve(this.#size - this.#limits.activations);
    });
  }

  /** Whoever reads the logs of all nodes sees from these lines how long each of them believed in an actor of its own. */
  #log(activation: Activation, what: 'activated' | 'deactivated', reason?: DeactivationReason): void {
    const { address, epoch } = activation;
    this.logger.debug({ kind: address.kind, key: address.key, epoch, instance: this.#instance?.(), reason }, what);
  }

  #refuse(envelope: Envelope, reason: 'stopped' | 'lost'): void {
    this.deadLetters.refuse(envelope, new Fault('unavailable', undefined, { retry_after_ms: 1_000 }), reason);
  }

  *#all(): Iterable<Activation> {
    for (const shelf of this.#shelves.values()) yield* shelf.activations.values();
  }
}

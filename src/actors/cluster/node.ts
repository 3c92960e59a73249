import type { Clock, Timer } from '../../kernel/clock.js';
import { randomToken } from '../../kernel/ids.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { ActorKind, ActorSystem, Address } from '../runtime/actor.js';
import { Catalog, type CatalogLimits } from '../runtime/catalog.js';
import type { MailboxLoad } from '../runtime/mailbox-load.js';
import type { Backbone } from './backbone.js';
import { Directory } from './directory.js';
import type { EpochWitness } from './epoch-witness.js';
import type { Fitness } from './fitness.js';
import { Holdings } from './holdings.js';
import type { MemberRecord } from './leases.js';
import { defaultLease, type FenceReason, type LeaseLimits, leaseOf, Membership } from './membership.js';
import { Router, type RouterLimits } from './router.js';
import { slotOf } from './slot.js';
import { Standing } from './standing.js';
import type { VersionMismatch } from './versions.js';
import { currentWire, type Wire } from './wire.js';

export interface NodeLimits extends LeaseLimits, CatalogLimits, RouterLimits {
  /** Ms in which `drain` hands its slots over, some at a time; what is left then goes in one step. */
  handOverMs: number;
  /** Ms that `drain` waits, after the lease is given up, for what still waits here to reach the new owners. */
  drainMs: number;
  /** Ms in which late messages to this node are still passed on. */
  lingerMs: number;
  /** Ms that others must have been fit while this node is not, before it gives its slots away. */
  settleMs: number;
}

export interface ClusterNodeOptions {
  /** Stable name of this node; each start and each fencing makes another instance of it. No colon. */
  nodeId: string;
  /** Where clients reach it. */
  url: string;
  kinds: readonly ActorKind[];
  backbone: Backbone;
  witness: EpochWitness;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  limits?: Partial<NodeLimits> | undefined;
  /** Counts what waits in this node's mailboxes; made before the node by who must know of it. */
  load?: MailboxLoad | undefined;
  /** Whether this node can do its work; without it, always. */
  fitness?: Fitness | undefined;
  /** An actor threw `Escalate`: the process should end in good order. */
  onEscalate?: ((address: Address, error: unknown) => void) | undefined;
  /** The cluster holds a member with which this node shares no version, so it stays out: its process should end. */
  onRefused?: ((error: VersionMismatch) => void) | undefined;
  /** The versions between nodes; this release's when absent. */
  wire?: Wire | undefined;
  /** For simulations: what tells instances apart. */
  suffix?: (() => string) | undefined;
}

export type Readiness = { ok: true } | { ok: false; reason: string };

/** Between two looks at whether something awaited has come true, in ms. */
const LOOK_MS = 10;

/**
 * One node of the cluster: its lease, its slots, its actors and its inbox. A crash at any point leaves a lease and claims that
 * end by themselves after `leaseMs`; asks that were under way to it are sent again by their senders to the next owners.
 */
export class ClusterNode implements Part {
  readonly name = 'actors';
  /** Sends to actors wherever they live. */
  readonly system: ActorSystem;
  readonly catalog: Catalog;
  readonly #options: ClusterNodeOptions;
  readonly #limits: LeaseLimits & Pick<NodeLimits, 'handOverMs' | 'drainMs' | 'lingerMs' | 'settleMs'>;
  readonly #wire: Wire;
  readonly #directory: Directory;
  readonly #membership: Membership;
  readonly #holdings: Holdings;
  readonly #router: Router;
  readonly #standing: Standing | undefined;
  readonly #downListeners: ((member: MemberRecord) => void)[] = [];
  readonly #fencedListeners: ((why: FenceReason) => void)[] = [];
  readonly #rejoinedListeners: (() => void)[] = [];
  #state: 'idle' | 'running' | 'draining' | 'stopped' = 'idle';
  #fenced: string | undefined;
  #refused: VersionMismatch | undefined;
  /** This incarnation's name, or the one's before while there is none. */
  #lastInstance: string | undefined;
  #sweep: Timer | undefined;
  #unlisten: (() => Promise<void>) | undefined;
  #draining: Promise<void> | undefined;

  constructor(options: ClusterNodeOptions) {
    this.#options = options;
    const { backbone, clock, logger, telemetry, limits } = options;
    const standard = { handOverMs: 5_000, drainMs: 2_000, lingerMs: 150, settleMs: 1_500 };
    this.#limits = { ...leaseOf(limits?.leaseMs ?? defaultLease.leaseMs), ...standard, ...limits };
    this.#wire = options.wire ?? currentWire;
    this.#directory = new Directory(backbone.slots, logger);
    this.catalog = new Catalog({
      kinds: options.kinds,
      clock,
      logger,
      telemetry,
      limits,
      load: options.load,
      outbox: (envelope) => this.#router.send(envelope),
      claimOf: (address) => this.#holdings.claimOf(address),
      instance: () => this.#lastInstance,
      onEscalate: options.onEscalate,
    });
    this.system = this.catalog.post;
    this.#holdings = new Holdings({
      table: backbone.slots,
      witness: options.witness,
      directory: this.#directory,
      clock,
      logger,
      host: {
        evacuate: (chosen, reason, limitMs) => this.catalog.evacuate(chosen, reason, limitMs),
        putBack: (envelopes) => this.#router.putBack(envelopes),
        release: (slots) => this.#router.release(slots),
        changed: () => telemetry.slotsOwned.set(this.#holdings.count),
        until: (ms, done) => this.#until(ms, done),
        valid: () => this.#membership.valid(),
        expelled: (instance) => this.#membership.expelled(instance),
        yields: () => this.#standing?.yields ?? false,
      },
    });
    this.#membership = new Membership(backbone.leases, clock, logger, this.#limits, {
      incarnation: () => this.#incarnation(),
      preparing: (member) => this.#router.open(member.instance),
      joined: (member) => this.#joined(member),
      renewed: (version) => this.#renewed(version),
      fenced: (why, text) => this.#fence(why, text),
      refused: (error) => this.#refuse(error),
    });
    this.#router = new Router({
      mail: backbone.mail,
      directory: this.#directory,
      local: {
        serves: (slot) => this.#holdings.serves(slot) && this.#membership.valid(),
        settling: (slot) => this.#holdings.settling(slot),
        deliver: (envelope) => this.catalog.deliver(envelope),
      },
      wire: this.#wire,
      clock,
      logger,
      telemetry,
      deadLetters: this.catalog.deadLetters,
      limits,
    });
    this.#standing =
      options.fitness &&
      new Standing({
        leases: backbone.leases,
        directory: this.#directory,
        fitness: options.fitness,
        clock,
        logger,
        settleMs: this.#limits.settleMs,
        changed: () => this.#noticed(),
      });
    this.#directory.onChange(({ gone }) => {
      telemetry.nodesAlive.set(this.#directory.members.size);
      for (const member of gone) for (const listener of this.#downListeners) this.#safely(() => listener(member));
    });
  }

  /** This incarnation's name; undefined while it has no lease. */
  get instance(): string | undefined {
    return this.#membership.member?.instance;
  }

  /**
   * Joins and resolves once every slot that this node should own is served here. Keeps trying while Redis or the witness cannot
   * be reached; rejects only when `stop` is called meanwhile, and, stopped, with `VersionMismatch`.
   */
  async start(): Promise<void> {
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    this.catalog.start();
    this.#sweep = this.#options.clock.every(1_000, () => this.#router.sweep());
    await this.#listen();
    this.#membership.start();
    while (!this.ready().ok) {
      if (this.#refused) {
        await this.stop();
        throw this.#refused;
      }
      if (this.#state !== 'running') throw new Error('stopped before it was ready');
      await this.#look();
    }
  }

  /** Whether this node serves what it should; the reason is for operators. */
  ready(): Readiness {
    if (this.#state !== 'running') return { ok: false, reason: this.#state === 'idle' ? 'not started' : this.#state };
    const valid = this.#membership.valid();
    if (this.#refused !== undefined) return { ok: false, reason: this.#refused.message };
    if (this.#fenced !== undefined) return { ok: false, reason: `fenced: ${this.#fenced}` };
    if (!valid) return { ok: false, reason: 'no lease yet' };
    return this.#holdings.problem === undefined ? { ok: true } : { ok: false, reason: this.#holdings.problem };
  }

  /** Members with a lease, as far as this node knows. */
  nodes(): MemberRecord[] {
    return [...this.#directory.members.values()];
  }

  /** For health pages and tests. */
  figures(): { slots: number; activations: Record<string, number>; held: number; remoteAsks: number; pendingAsks: number } {
    return {
      slots: this.#holdings.count,
      activations: this.catalog.counts(),
      ...this.#router.figures,
      pendingAsks: this.catalog.post.pending,
    };
  }

  /** Which living instance owns an address, as far as this node knows. */
  ownerOf(address: Address): string | undefined {
    return this.#directory.ownerOf(slotOf(address));
  }

  /** Called for each instance that died or left, some time after it did. */
  onNodeDown(listener: (member: MemberRecord) => void): void {
    this.#downListeners.push(listener);
  }

  /** Called when this node has lost its lease and with it all its slots; it joins again by itself. */
  onFenced(listener: (why: FenceReason) => void): void {
    this.#fencedListeners.push(listener);
  }

  /** Called when it has a lease again after a fencing, under a new instance name; its slots are still to come. */
  onRejoined(listener: () => void): void {
    this.#rejoinedListeners.push(listener);
  }

  /**
   * Gives everything up in good order: hands the slots over, some at a time, ending their actors (they may flush); then the lease,
   * with what is left, in one step; then passes on what still waits here. Sending goes on working. Harmless when called again.
   */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  /** Drains, then ends everything. The backbone is its owner's to close. */
  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    if (this.#state !== 'idle') await this.drain();
    this.#state = 'stopped';
    this.#sweep?.cancel();
    await this.#attempt('close the inbox', () => this.#router.closeInbox(true));
    await this.#attempt('end the notices', async () => this.#unlisten?.());
    this.#router.stop();
    await this.catalog.stop();
  }

  async #drain(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'draining';
    this.#holdings.drain();
    const end = this.#options.clock.monotonic() + this.#limits.handOverMs;
    await this.#attempt('tell the others', () => this.#announceDraining());
    await this.#attempt('read the slot table', () => this.#directory.refresh());
    await this.#holdings.handOver(() => this.#options.clock.monotonic() >= end);
    await this.#holdings.vacate();
    await this.#attempt('give up the lease', () => this.#membership.leave());
    this.#holdings.drop('draining');
    await this.#attempt('read the slot table', () => this.#directory.refresh());
    await this.#until(this.#limits.lingerMs, () => false);
    await this.#until(this.#limits.drainMs, this.#router.drained());
  }

  #incarnation(): MemberRecord {
    const { nodeId, url, clock, suffix } = this.#options;
    const tail = suffix?.() ?? randomToken(6);
    const { protocol, oldest } = this.#wire;
    const draining = this.#state === 'draining' && { draining: true };
    const record = { instance: `${nodeId}-${tail}`, url, protocol, oldest, started: clock.now(), ...draining };
    return this.#standing?.describe(record) ?? record;
  }

  #joined(member: MemberRecord): void {
    const again = this.#fenced !== undefined;
    this.#fenced = undefined;
    this.#lastInstance = member.instance;
    this.#options.logger.info({ member: member.instance }, 'joined the cluster');
    this.#holdings.begin(member.instance);
    this.#standing?.joined(member);
    void this.#holdings.reconcile();
    if (again) for (const listener of this.#rejoinedListeners) this.#safely(listener);
  }

  #renewed(version: number): void {
    this.#standing?.look();
    if (version !== this.#directory.version || this.#holdings.problem !== undefined) void this.#holdings.reconcile();
    this.#keepInbox().catch((error: unknown) => this.#options.logger.warn({ err: error }, 'could not keep the inbox'));
  }

  /** Without its inbox an instance hears nobody, and who sends to it is told that it is gone. */
  async #keepInbox(): Promise<void> {
    const instance = this.#membership.member?.instance;
    if (instance === undefined || (await this.#router.keepInbox())) return;
    this.#options.logger.error({ member: instance }, 'the inbox is gone');
    if (this.#state === 'running') this.#membership.renounce(instance);
  }

  #fence(why: FenceReason, reason: string): void {
    this.#fenced = reason;
    this.#options.telemetry.fenced.inc();
    this.#holdings.drop(`fenced: ${reason}`);
    this.catalog
      .evacuate(() => true, 'lost')
      .then((leftover) => this.catalog.refuse(leftover, 'lost'))
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'could not drop the activations'));
    this.#router.suspend();
    this.#standing?.ended();
    for (const listener of this.#fencedListeners) this.#safely(() => listener(why));
  }

  /** The others take what it frees from now on, and give it nothing more. */
  async #announceDraining(): Promise<void> {
    const { member } = this.#membership;
    if (!member) return;
    // Nothing else is said of this node any more.
    const standing = this.#standing?.describe(member) ?? member;
    this.#standing?.ended();
    await this.#options.backbone.leases.announce({ ...standing, draining: true });
  }

  #refuse(error: VersionMismatch): void {
    this.#refused = error;
    this.#options.logger.fatal({ reason: error.message }, 'this node cannot join the cluster');
    this.#safely(() => this.#options.onRefused?.(error));
  }

  async #listen(): Promise<void> {
    while (this.#state === 'running') {
      try {
        this.#unlisten = await this.#options.backbone.notices.listen(() => this.#noticed());
        return;
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'could not listen for changes; trying again');
        await this.#until(this.#limits.renewMs, () => false);
      }
    }
  }

  #noticed(): void {
    if (this.#membership.member && this.#state !== 'stopped') void this.#holdings.reconcile();
    else this.#directory.refreshSoon();
  }

  async #until(ms: number, done: () => boolean): Promise<void> {
    const end = this.#options.clock.monotonic() + ms;
    while (!done() && this.#options.clock.monotonic() < end) await this.#look();
  }

  #look(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(LOOK_MS, resolve));
  }

  async #attempt(what: string, act: () => Promise<void> | undefined): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#options.logger.warn({ err: error }, `could not ${what}`);
    }
  }

  #safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'defect: a listener failed');
    }
  }
}

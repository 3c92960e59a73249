import type { Clock, Timer } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';
import type { Leases, MemberRecord } from './leases.js';
import { VersionMismatch } from './versions.js';

export interface LeaseLimits {
  /** How long a node that falls silent is still believed to live. */
  leaseMs: number;
  /** Between two renewals. */
  renewMs: number;
  /** A node stops itself so long before its lease ends. */
  marginMs: number;
}

export const defaultLease: LeaseLimits = { leaseMs: 5_000, renewMs: 1_000, marginMs: 500 };

/** The pace that suits a lease of so many ms: it survives some renewals that fail. */
export const leaseOf = (leaseMs: number): LeaseLimits => ({
  leaseMs,
  renewMs: Math.floor(leaseMs / 5),
  marginMs: Math.floor(leaseMs / 10),
});

/**
 * Why a node lost its lease. `stalled`: its event loop did not run (a stopped process, a long pause). `unreachable`: its renewals
 * failed until the lease ran out. `lost`: the answer was that there is no such lease (the leases' store has lost its data).
 */
export type FenceReason = 'stalled' | 'unreachable' | 'lost';

const fenceText: Record<FenceReason, string> = {
  stalled: 'the process did not run until the lease ran out',
  unreachable: 'the lease ran out: it could not be renewed',
  lost: 'the cluster had declared this node dead',
};

export interface MembershipHost {
  /** The next incarnation's record. */
  incarnation(): MemberRecord;
  /** It is about to join: prepare what must stand before anybody sees it (its inbox). A rejection puts the joining off. */
  preparing(member: MemberRecord): Promise<void>;
  joined(member: MemberRecord): void;
  /** The lease was extended; `version` is the table's. */
  renewed(version: number): void;
  /** Everything this node owned is lost as of now. Must not throw. */
  fenced(why: FenceReason, text: string): void;
  /** A member shares no version with this node: it stays out, for good. Must not throw. */
  refused(error: VersionMismatch): void;
}

/**
 * This node's lease. What must hold: from the moment the lease may have ended in the store, this node believes in nothing it
 * owned. So the lease counts from the *sending* of the last renewal that was answered, on the monotonic clock, less a margin;
 * `valid` is looked at before every delivery too, since a process that was halted wakes up with its timers still to come.
 */
export class Membership {
  readonly #leases: Leases;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: LeaseLimits;
  readonly #host: MembershipHost;
  #member: MemberRecord | undefined;
  /** Monotonic ms until which this node may act. */
  #until = 0;
  #tick: Timer | undefined;
  #fence: Timer | undefined;
  #joining = false;
  #running = false;
  /** Monotonic ms of the last beat, and the longest time between two since the lease was last extended. */
  #beatAt = 0;
  #longestGap = 0;

  constructor(leases: Leases, clock: Clock, logger: Logger, limits: LeaseLimits, host: MembershipHost) {
    this.#leases = leases;
    this.#clock = clock;
    this.#logger = logger;
    this.#limits = limits;
    this.#host = host;
  }

  /** The living incarnation; undefined before joining and while fenced. */
  get member(): MemberRecord | undefined {
    return this.#member;
  }

  /** Whether this node may act on what it owns. Costs one look at the clock; fences when the lease has run out unnoticed. */
  valid(): boolean {
    if (!this.#member) return false;
    if (this.#clock.monotonic() < this.#until) return true;
    this.#fenceNow(this.#gap() > this.#limits.leaseMs / 2 ? 'stalled' : 'unreachable');
    return false;
  }

  /** Joins, or keeps trying at every renewal interval in the background. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#beatAt = this.#clock.monotonic();
    this.#tick = this.#clock.every(this.#limits.renewMs, () => this.#beat());
    this.#beat();
  }

  /** Ends the lease so that others take over at once; without an answer from the store they do when it ends by itself. */
  async leave(): Promise<void> {
    const member = this.#member;
    this.halt();
    if (member) await this.#leases.leave(member.instance);
  }

  /** The cluster does not know this instance any more, whoever said so: fences, and joins at once. Harmless for one of the past. */
  expelled(instance: string): void {
    if (this.#member?.instance !== instance) return;
    this.#fenceNow('lost');
    if (this.#running) this.#beat();
  }

  /** What this instance cannot be without is gone: gives its lease up, and joins as another. Harmless for one of the past. */
  renounce(instance: string): void {
    if (this.#member?.instance !== instance) return;
    this.#fenceNow('lost');
    this.#leases
      .leave(instance)
      .catch((error: unknown) => this.#logger.warn({ err: error, member: instance }, 'could not give up the lease; it ends by itself'))
      .finally(() => {
        if (this.#running && !this.#member) this.#beat();
      });
  }

  /** Renews no more, says nothing to anybody. */
  halt(): void {
    this.#running = false;
    this.#tick?.cancel();
    this.#fence?.cancel();
    this.#member = undefined;
  }

  /** The longest time for which no beat came, since the lease was last extended. */
  #gap(): number {
    return Math.max(this.#longestGap, this.#clock.monotonic() - this.#beatAt);
  }

  #beat(): void {
    // Before the time of the beat is taken: after a halt this is where it shows.
    if (this.#member) this.valid();
    this.#longestGap = this.#gap();
    this.#beatAt = this.#clock.monotonic();
    const work = this.#member ? this.#renew(this.#member) : this.#join();
    work.catch((error: unknown) => {
      if (error instanceof VersionMismatch) {
        this.halt();
        this.#host.refused(error);
      } else this.#logger.warn({ err: error, member: this.#member?.instance }, 'could not renew the lease');
    });
  }

  async #join(): Promise<void> {
    if (this.#joining) return;
    this.#joining = true;
    try {
      const member = this.#host.incarnation();
      await this.#host.preparing(member);
      const sent = this.#clock.monotonic();
      const { version } = await this.#leases.join(member, this.#limits.leaseMs).catch((error: unknown) => {
        // It may have been done: an incarnation that never acts would be given slots until its lease ends.
        this.#leases.leave(member.instance).catch(() => undefined);
        throw error;
      });
      if (!this.#running) {
        await this.#leases.leave(member.instance);
        return;
      }
      this.#member = member;
      this.#extend(sent);
      if (!this.valid()) return;
      this.#host.joined(member);
      this.#host.renewed(version);
    } finally {
      this.#joining = false;
    }
  }

  async #renew(member: MemberRecord): Promise<void> {
    const sent = this.#clock.monotonic();
    const { alive, version } = await this.#leases.renew(member.instance, this.#limits.leaseMs);
    if (this.#member !== member) return;
    if (!alive) {
      this.#fenceNow('lost');
      this.#beat();
      return;
    }
    this.#extend(sent);
    if (this.valid()) this.#host.renewed(version);
  }

  #extend(sent: number): void {
    const until = sent + this.#limits.leaseMs - this.#limits.marginMs;
    if (until <= this.#until && this.#fence) return;
    this.#until = until;
    this.#longestGap = 0;
    this.#armFence();
  }

  /** A real timer may fire a little before its time: then once more. */
  #armFence(): void {
    this.#fence?.cancel();
    this.#fence = this.#clock.after(Math.max(1, this.#until - this.#clock.monotonic()), () => {
      if (this.valid()) this.#armFence();
    });
  }

  #fenceNow(why: FenceReason): void {
    const member = this.#member;
    if (!member) return;
    this.#member = undefined;
    this.#until = 0;
    this.#fence?.cancel();
    this.#fence = undefined;
    this.#longestGap = 0;
    const reason = fenceText[why];
    this.#logger.error({ member: member.instance, why, reason }, 'this node is fenced: it owns nothing any more and joins anew');
    this.#host.fenced(why, reason);
    // Where requests arrive and only their answers are lost, the others need not wait for the lease to end.
    if (why !== 'lost') this.#leases.leave(member.instance).catch(() => undefined);
  }
}

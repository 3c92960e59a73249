import type { Clock, Timer } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';
import type { Directory } from './directory.js';
import type { Fitness } from './fitness.js';
import type { Leases, MemberRecord } from './leases.js';

export interface StandingOptions {
  leases: Leases;
  directory: Directory;
  fitness: Fitness;
  clock: Clock;
  logger: Logger;
  /** Ms that another member must have been fit while this node was not, before this one gives its slots away. */
  settleMs: number;
  /** This node's slots may belong elsewhere now. */
  changed: () => void;
}

/**
 * Tells the cluster whether this node is fit, and decides when it gives its slots away for not being so. An unfit member keeps
 * its lease, its inbox and its clients; placement passes it by while any other member is fit. When none is, nothing moves: what
 * no node can do is no reason to change owners.
 */
export class Standing {
  readonly #options: StandingOptions;
  #member: MemberRecord | undefined;
  #announcing = false;
  /** Monotonic ms since when this node is not fit and another is. */
  #since: number | undefined;
  #timer: Timer | undefined;

  constructor(options: StandingOptions) {
    this.#options = options;
    options.fitness.onChange(() => this.look());
    options.directory.onChange(() => this.#weigh());
  }

  /** A record that says how this node stands now. */
  describe(record: MemberRecord): MemberRecord {
    return this.#options.fitness.fit() ? record : { ...record, unfit: true };
  }

  joined(member: MemberRecord): void {
    this.#member = member;
    this.look();
  }

  /** Fenced, or about to leave: nothing more is announced. */
  ended(): void {
    this.#member = undefined;
    this.#weigh();
  }

  /** This node owns what it should not, and others are ready to take it. */
  get yields(): boolean {
    return this.#since !== undefined && this.#options.clock.monotonic() - this.#since >= this.#options.settleMs;
  }

  /**
   * To be called at each renewal too: an announcement may have failed, or an old one been carried out late. So what counts is what
   * the others read, besides what was said last.
   */
  look(): void {
    this.#weigh();
    const member = this.#member;
    if (!member || this.#announcing) return;
    const unfit = !this.#options.fitness.fit();
    const read = this.#options.directory.members.get(member.instance);
    const isSaid = (member.unfit ?? false) === unfit;
    if (isSaid && (read === undefined || (read.unfit ?? false) === unfit)) return;
    const { unfit: _before, ...record } = member;
    const next = this.describe(record);
    this.#announcing = true;
    this.#options.leases
      .announce(next)
      .then((alive) => {
        if (alive && this.#member === member) this.#member = next;
      })
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'could not tell the others how this node stands'))
      .finally(() => {
        this.#announcing = false;
      });
  }

  #weigh(): void {
    const { clock, directory, fitness, settleMs, changed } = this.#options;
    const self = this.#member?.instance;
    const elsewhere = [...directory.members.values()].some((m) => m.unfit !== true && m.draining !== true && m.instance !== self);
    if (self === undefined || fitness.fit() || !elsewhere) {
      this.#since = undefined;
      this.#timer?.cancel();
      this.#timer = undefined;
    } else if (this.#since === undefined) {
      this.#since = clock.monotonic();
      this.#timer = clock.after(settleMs, changed);
    }
  }
}

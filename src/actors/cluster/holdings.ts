import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';
import type { Address, DeactivationReason } from '../runtime/actor.js';
import type { Claim } from '../runtime/catalog.js';
import type { Envelope } from '../runtime/envelope.js';
import type { Directory } from './directory.js';
import type { EpochWitness } from './epoch-witness.js';
import { desiredOwners, fitMembers } from './placement.js';
import { SLOTS, slotOf } from './slot.js';
import type { SlotTable } from './slot-table.js';

export interface HoldingsHost {
  /** Ends the activations chosen and answers what waited in them. */
  evacuate(chosen: (address: Address) => boolean, reason: DeactivationReason, limitMs?: number): Promise<Envelope[]>;
  putBack(envelopes: readonly Envelope[]): void;
  /** What waits for these slots can be decided now. */
  release(slots: Iterable<number>): void;
  /** The set of served slots has changed. */
  changed(): void;
  /** Resolves when it is done, after `ms` at the latest. */
  until(ms: number, done: () => boolean): Promise<void>;
  /** Whether this node may act on what it owns, now. */
  valid(): boolean;
  /** The cluster does not know this instance any more. */
  expelled(instance: string): void;
  /** This node is not fit to serve, and its slots are to go to those that are. */
  yields(): boolean;
}

/** Slots handed off together: a slow actor delays those beside it, and each group walks all activations once. */
const HANDOFF_GROUP = 64;
const UNFIT = 'not fit: the store does not answer';
/** Slots that are without an owner at the same time while this node drains. */
const DRAIN_GROUP = 32;
/** Ms that those may be so before this node believes that nobody takes them. */
const DRAIN_TAKEN_MS = 2_000;
/** Ms that an actor may take to end while this node drains; after them only the store keeps it from being believed. */
const DRAIN_EVACUATE_MS = 3_000;
/** Claims tried again in one go when the witness knows a higher epoch. */
const CLAIM_ROUNDS = 4;

/**
 * The slots this node serves. What must hold: a slot is served only under an epoch that this node claimed and the witness has
 * seen, and no longer than the claim stands in the table. A crash between claim and witness leaves a claim that nobody serves
 * until its lease ends; a crash in a hand-off leaves one that others take then.
 */
export class Holdings {
  readonly #table: SlotTable;
  readonly #witness: EpochWitness;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #host: HoldingsHost;
  readonly #served = new Map<number, Claim>();
  readonly #leaving = new Set<number>();
  /** Claims nothing more. */
  #draining = false;
  #self: string | undefined;
  #problem: string | undefined = 'starting';
  #reconciling: Promise<void> | undefined;
  #again = false;
  /** Why the last claim could not be served. */
  #blocked: string | undefined;

  constructor(options: {
    table: SlotTable;
    witness: EpochWitness;
    directory: Directory;
    clock: Clock;
    logger: Logger;
    host: HoldingsHost;
  }) {
    this.#table = options.table;
    this.#witness = options.witness;
    this.#directory = options.directory;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#host = options.host;
  }

  get count(): number {
    return this.#served.size;
  }

  /** Why not every slot that should be served here is; undefined when all are. */
  get problem(): string | undefined {
    return this.#problem;
  }

  serves(slot: number): boolean {
    return this.#served.has(slot) && !this.#leaving.has(slot);
  }

  /** On its way out, or claimed and not served yet. */
  settling(slot: number): boolean {
    if (this.#leaving.has(slot)) return true;
    return this.#self !== undefined && !this.#served.has(slot) && this.#directory.claimOf(slot)?.instance === this.#self;
  }

  /** The claim under which an address's slot is served; epoch 0 when it is not. */
  claimOf(address: Address): Claim {
    return this.#served.get(slotOf(address)) ?? { epoch: 0, since: this.#clock.monotonic() };
  }

  /** A new incarnation begins with nothing. */
  begin(instance: string): void {
    this.#self = instance;
    if (!this.#draining) this.#problem = 'claiming slots';
  }

  /** Everything is lost, now. */
  drop(reason: string): void {
    this.#self = undefined;
    this.#served.clear();
    this.#leaving.clear();
    this.#problem = reason;
    this.#host.changed();
  }

  /** From here on nothing is claimed and nothing goes but by `handOver` and `vacate`. Before the others are told. */
  drain(): void {
    this.#draining = true;
    this.#problem = 'draining';
  }

  /**
   * Gives the slots to the others, a few at a time: their actors end (they may flush), they are freed, and the next go once these
   * have owners. The others must know that this node drains, or they leave its slots alone. Ends early, with slots still served
   * here, when there is nobody else, when nobody takes them, or when `over` says so. A crash leaves claims that others take when
   * the lease ends.
   */
  async handOver(over: () => boolean): Promise<void> {
    for (let self = this.#self; self !== undefined && this.#served.size > 0 && !over(); self = this.#self) {
      const { members } = this.#directory;
      if (fitMembers(members).every((instance) => instance === self)) return;
      const group = [...this.#served.keys()].filter((slot) => !this.#leaving.has(slot)).slice(0, DRAIN_GROUP);
      if (group.length === 0) {
        // Hand-offs that had begun before.
        const { size } = this.#served;
        await this.#host.until(DRAIN_TAKEN_MS, () => this.#served.size < size || over());
        if (this.#served.size >= size) return;
        continue;
      }
      for (const slot of group) this.#leaving.add(slot);
      await this.#release(self, new Set(group), members.get(self)?.unfit ? 'lost' : 'handoff', DRAIN_EVACUATE_MS);
      const taken = (): boolean => group.every((slot) => ![undefined, self].includes(this.#directory.ownerOf(slot)));
      await this.#host.until(DRAIN_TAKEN_MS, () => taken() || over());
      if (!taken()) return;
    }
  }

  /** All slots go: nothing is served from here on. Resolves when their actors have ended. The claims still stand. */
  async vacate(): Promise<void> {
    for (const slot of this.#served.keys()) this.#leaving.add(slot);
    this.#self = undefined;
    this.#problem = 'draining';
    this.#host.putBack(await this.#host.evacuate(() => true, 'shutdown', DRAIN_EVACUATE_MS));
  }

  /** Compares what should be with what is, and moves towards it. One at a time; a call during one makes it look again. Never rejects. */
  reconcile(): Promise<void> {
    this.#again = true;
    this.#reconciling ??= this.#loop().finally(() => {
      this.#reconciling = undefined;
    });
    return this.#reconciling;
  }

  async #loop(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const self = this.#self;
      if (self === undefined) return;
      try {
        await this.#directory.refresh();
        if (this.#self === self) await this.#step(self);
      } catch (error) {
        this.#problem ??= 'the slot table cannot be reached';
        this.#logger.warn({ err: error }, 'could not bring the slots in order; trying again at the next renewal');
      }
    }
  }

  async #step(self: string): Promise<void> {
    this.#dropForeign(self);
    const members = this.#directory.members;
    if (!members.has(self)) this.#host.expelled(self);
    if (!members.has(self) || this.#draining) return;
    const unfit = members.get(self)?.unfit === true;
    const desired = desiredOwners(fitMembers(members));
    const yields = this.#host.yields();
    const going: number[] = [];
    const wanted: number[] = [];
    const stray = new Map<number, number>();
    let awaited = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const mine = desired[slot] === self;
      if (this.#served.has(slot)) {
        if (!mine && !this.#leaving.has(slot) && (!unfit || yields)) going.push(slot);
      } else if (mine) {
        const owner = this.#directory.ownerOf(slot);
        if (owner === undefined || owner === self) wanted.push(slot);
        else awaited++;
      } else if (this.#directory.claimOf(slot)?.instance === self) stray.set(slot, this.#directory.claimOf(slot)!.epoch);
    }
    // Claimed and never served (no witness, a hand-off whose end was not heard), and another's by now: nobody else may take them yet.
    if (stray.size > 0) await this.#table.release(self, stray);
    for (let i = 0; i < going.length; i += HANDOFF_GROUP) this.#handOff(self, going.slice(i, i + HANDOFF_GROUP), unfit);
    const missing = wanted.length > 0 ? wanted.length - (await this.#claim(self, wanted)) : 0;
    if (this.#self !== self) return;
    if (unfit) this.#problem = UNFIT;
    else if (missing + awaited === 0) this.#problem = undefined;
    else if (this.#problem !== undefined || missing > 0) this.#problem = this.#blocked ?? `${missing + awaited} slots are still to come`;
  }

  /** The table says that others own what is served here: they do. */
  #dropForeign(self: string): void {
    const lost = new Set<number>();
    for (const [slot, { epoch }] of this.#served) {
      const claim = this.#directory.claimOf(slot);
      if (this.#leaving.has(slot) || (claim?.instance === self && claim.epoch === epoch)) continue;
      lost.add(slot);
    }
    if (lost.size === 0) return;
    this.#logger.error({ slots: lost.size }, 'slots were taken from this node');
    for (const slot of lost) this.#served.delete(slot);
    this.#host.changed();
    this.#background(
      this.#host.evacuate((a) => lost.has(slotOf(a)), 'lost').then((leftover) => this.#host.putBack(leftover)),
      'could not drop what was lost',
    );
  }

  /** `unfit`: the actors cannot end in good order here, and are not waited for; what they still write meets the store's indexes. */
  #handOff(self: string, slots: number[], unfit: boolean): void {
    const group = new Set(slots);
    for (const slot of group) this.#leaving.add(slot);
    this.#background(this.#release(self, group, unfit ? 'lost' : 'handoff'), 'a hand-off failed');
  }

  async #release(self: string, group: ReadonlySet<number>, reason: 'handoff' | 'lost', limitMs?: number): Promise<void> {
    const leftover = await this.#host.evacuate((a) => group.has(slotOf(a)), reason, limitMs);
    this.#host.putBack(leftover);
    if (this.#self !== self) return;
    const claims = new Map([...group].flatMap((slot) => (this.#served.has(slot) ? [[slot, this.#served.get(slot)!.epoch] as const] : [])));
    try {
      await this.#table.release(self, claims);
    } catch (error) {
      this.#logger.warn({ err: error }, 'whether slots were handed off is unknown; looking again');
    }
    if (this.#self !== self) return;
    // Released or not (then the claim is ours and unserved, and is released or taken up again): the actors are gone from here.
    for (const slot of group) {
      this.#leaving.delete(slot);
      this.#served.delete(slot);
    }
    this.#host.changed();
    await this.reconcile();
    this.#host.release(group);
  }

  /** Claims, lets the epoch be witnessed, serves. Answers how many slots are served now of those wanted. */
  async #claim(self: string, wanted: readonly number[]): Promise<number> {
    this.#blocked = undefined;
    for (let round = 0; round < CLAIM_ROUNDS; round++) {
      const before = await this.#witnessed(0);
      if (before === undefined) return 0;
      const { epoch, slots } = await this.#table.claim(self, wanted);
      if (slots.length === 0) return 0;
      if (epoch > before && (await this.#seen(epoch))) return this.#serve(self, epoch, slots);
      if (this.#blocked !== undefined) return 0;
      if (epoch <= before) {
        this.#logger.error({ epoch, witnessed: before }, 'the epoch counter has gone back (Redis lost its data): lifting it');
        await this.#table.raiseEpoch(before);
      }
    }
    this.#blocked = 'no epoch above the witnessed one could be claimed';
    return 0;
  }

  /** A higher one stored meanwhile is another node's, unless the counter has not come that far itself. */
  async #seen(epoch: number): Promise<boolean> {
    const stored = await this.#witnessed(epoch);
    if (stored === undefined) return false;
    if (stored === epoch) return true;
    return (await this.#table.raiseEpoch(stored)) >= stored;
  }

  async #witnessed(epoch: number): Promise<number | undefined> {
    try {
      return await this.#witness.raise(epoch);
    } catch (error) {
      this.#blocked = 'the epoch cannot be witnessed';
      this.#logger.warn({ err: error }, 'no slot is served without a witness of its epoch');
      return undefined;
    }
  }

  #serve(self: string, epoch: number, slots: readonly number[]): number {
    // The answer may have come after the lease ran out.
    if (this.#self !== self || !this.#host.valid()) return 0;
    const since = this.#clock.monotonic();
    for (const slot of slots) {
      this.#leaving.delete(slot);
      this.#served.set(slot, { epoch, since });
    }
    this.#host.changed();
    this.#host.release(slots);
    // What the table says now is to be known to the rest of this node, too.
    this.#again = true;
    return slots.length;
  }

  #background(work: Promise<void>, failure: string): void {
    work.catch((error: unknown) => this.#logger.error({ err: error }, failure));
  }
}

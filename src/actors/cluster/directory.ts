import type { Logger } from '../../kernel/logger.js';
import type { MemberRecord } from './leases.js';
import { SLOTS } from './slot.js';
import type { Claim, SlotTable } from './slot-table.js';

export interface Move {
  readonly slot: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface DirectoryChange {
  /** Members that live no more. */
  readonly gone: readonly MemberRecord[];
  /** Slots whose owner is another now. */
  readonly moves: readonly Move[];
}

/** What this process knows of members and claims: a hint that may be old. Whoever acts on it must be refused where it is wrong. */
export class Directory {
  readonly #table: SlotTable;
  readonly #logger: Logger;
  #version = -1;
  #members: ReadonlyMap<string, MemberRecord> = new Map();
  #claims: (Claim | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #listeners: ((change: DirectoryChange) => void)[] = [];
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(table: SlotTable, logger: Logger) {
    this.#table = table;
    this.#logger = logger;
  }

  get version(): number {
    return this.#version;
  }

  get members(): ReadonlyMap<string, MemberRecord> {
    return this.#members;
  }

  /** The claim as it stands, whether or not its owner lives. */
  claimOf(slot: number): Claim | undefined {
    return this.#claims[slot];
  }

  /** The living owner's instance. */
  ownerOf(slot: number): string | undefined {
    const claim = this.#claims[slot];
    return claim && this.#members.has(claim.instance) ? claim.instance : undefined;
  }

  /** Called in order of registration, after the directory has changed. */
  onChange(listener: (change: DirectoryChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when what was true at the time of the call is known; calls that come together share one reading. */
  refresh(): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined;
      });
      return this.#reading;
    }
    this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.refresh();
      });
    return this.#next;
  }

  /** The same, where nobody waits: a failure is logged, the next renewal looks again. */
  refreshSoon(): void {
    this.refresh().catch((error: unknown) => this.#logger.warn({ err: error }, 'could not read the slot table'));
  }

  async #read(): Promise<void> {
    const snapshot = await this.#table.read();
    const members = new Map(snapshot.members.map((m) => [m.instance, m]));
    const gone = [...this.#members.values()].filter((m) => !members.has(m.instance));
    const claims = Array.from({ length: SLOTS }, (_, slot) => snapshot.claims.get(slot));
    const moves: Move[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const from = this.#claims[slot]?.instance;
      const to = claims[slot]?.instance;
      if (from !== to) moves.push({ slot, from, to });
    }
    this.#version = snapshot.version;
    this.#members = members;
    this.#claims = claims;
    for (const listener of this.#listeners) listener({ gone, moves });
  }
}

import { Fault } from '../../../kernel/errors.js';
import type { MembershipRecord, MembershipRepository } from '../../../store/contracts.js';

const limit = 20_000;

export type Standing = Omit<MembershipRecord, 'version'>;

/**
 * The memberships that were asked for lately. What must hold: what is here is what is stored. The community's actor is their only
 * writer, and a write whose outcome is not known is settled before its membership is read again.
 */
export class Roster {
  readonly #known = new Map<string, MembershipRecord | null>();
  /** Reads under way beside the turns, by member; one that a write has overtaken is taken out of here, and counts for nothing. */
  readonly #looks = new Map<string, Promise<MembershipRecord | null>>();
  /** Whose membership is being written right now. */
  #writing: string | undefined;
  /** Writes without an answer, by member: they may still land. */
  readonly #open = new Map<string, MembershipRecord>();

  constructor(
    private readonly communityId: string,
    private readonly memberships: MembershipRepository,
    /** A write without an answer has come to its end; this is what is stored. */
    private readonly settled: (stored: MembershipRecord | null, memberId: string) => void,
  ) {}

  async get(memberId: string): Promise<MembershipRecord | null> {
    const known = this.#known.get(memberId);
    if (known !== undefined) return known;
    const open = this.#open.get(memberId);
    if (open) return this.#settle(open);
    return this.#keep(memberId, await this.memberships.get(this.communityId, memberId));
  }

  /** What is known without asking the store; undefined when it must be asked. */
  known(memberId: string): MembershipRecord | null | undefined {
    return this.#known.get(memberId);
  }

  /** Who asks beside the turns waits for that. */
  isWriting(memberId: string): boolean {
    return this.#writing === memberId;
  }

  /** The same as `get`, beside the turns: writes may come between. Fault `unavailable` while one has no answer. */
  async look(memberId: string): Promise<MembershipRecord | null> {
    const known = this.#known.get(memberId);
    if (known !== undefined) return known;
    if (this.#open.has(memberId)) throw new Fault('unavailable', 'How this member stands is being written', { retry_after_ms: 500 });
    let look = this.#looks.get(memberId);
    if (!look) {
      look = this.memberships.get(this.communityId, memberId);
      this.#looks.set(memberId, look);
    }
    try {
      const found = await look;
      return this.#looks.get(memberId) === look ? this.#keep(memberId, found) : await this.look(memberId);
    } finally {
      if (this.#looks.get(memberId) === look) this.#looks.delete(memberId);
    }
  }

  /**
   * Durable when it resolves. Fault `timeout`: not known, until `settle`; `unavailable`: nothing was written, or somebody else
   * has written since it was read, and it is read anew.
   */
  async put(standing: Standing): Promise<void> {
    const before = await this.get(standing.member_id);
    const record = { ...standing, version: (before?.version ?? 0) + 1 };
    this.#known.delete(record.member_id);
    this.#writing = record.member_id;
    try {
      if (!(await this.memberships.put(record))) throw new Fault('unavailable', 'This membership has changed meanwhile');
    } catch (error) {
      if (Fault.from(error).code === 'timeout') this.#open.set(record.member_id, record);
      throw error;
    } finally {
      this.#writing = undefined;
      // Also what began to look while it was being written, and what somebody has seen meanwhile.
      this.#looks.delete(record.member_id);
      this.#known.delete(record.member_id);
    }
    this.#keep(record.member_id, record);
  }

  /** Brings every write without an answer to its end. Rejects when the store does not answer: what is left is left open. */
  async settle(): Promise<void> {
    for (const open of [...this.#open.values()]) await this.#settle(open);
  }

  clear(): void {
    this.#known.clear();
    this.#looks.clear();
  }

  /** Carried out once more: after that, the first one finds no place where it could land. */
  async #settle(open: MembershipRecord): Promise<MembershipRecord | null> {
    const { member_id } = open;
    const wrote = await this.memberships.put(open);
    const stored = wrote ? open : await this.memberships.get(this.communityId, member_id);
    this.#open.delete(member_id);
    this.#keep(member_id, stored);
    this.settled(stored, member_id);
    return stored;
  }

  #keep(memberId: string, record: MembershipRecord | null): MembershipRecord | null {
    this.#known.set(memberId, record);
    if (this.#known.size > limit) this.#known.delete(this.#known.keys().next().value as string);
    return record;
  }
}

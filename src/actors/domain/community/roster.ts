import type { MembershipRecord, MembershipRepository } from '../../../store/contracts.js';

const limit = 20_000;

/** The memberships that were asked for lately. The community's actor is their only writer, so what is here is what is stored. */
export class Roster {
  readonly #known = new Map<string, MembershipRecord | null>();

  constructor(
    private readonly communityId: string,
    private readonly memberships: MembershipRepository,
  ) {}

  async get(memberId: string): Promise<MembershipRecord | null> {
    const known = this.#known.get(memberId);
    if (known !== undefined) return known;
    const read = await this.memberships.get(this.communityId, memberId);
    return this.#keep(memberId, read);
  }

  /** Durable when it resolves; a failure leaves nothing cached, so that the next read tells. */
  async put(record: MembershipRecord): Promise<void> {
    this.#known.delete(record.member_id);
    await this.memberships.put(record);
    this.#keep(record.member_id, record);
  }

  clear(): void {
    this.#known.clear();
  }

  #keep(memberId: string, record: MembershipRecord | null): MembershipRecord | null {
    this.#known.set(memberId, record);
    if (this.#known.size > limit) this.#known.delete(this.#known.keys().next().value as string);
    return record;
  }
}

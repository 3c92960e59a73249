import { Fault } from '../../../kernel/errors.js';
import type { CommunityRecord, CommunityRepository, MemberRecord, OwnerChange } from '../../../store/contracts.js';

/** Whoever cannot sign in cannot tend a community either: people of an import, closed accounts. */
export const canOwn = (member: MemberRecord | null | undefined): boolean => Boolean(member?.is_active) && member?.password_hash !== null;

/**
 * Who owns the community. What must hold: it has one owner, at every moment and whatever crashes: the owner changes by one write of one
 * field. A write whose outcome is not known is brought to its end before anybody is told that they own it, or do not.
 */
export class Ownership {
  /** A write without an answer: it may still land. */
  #open: OwnerChange | undefined;

  constructor(
    private readonly communities: Pick<CommunityRepository, 'setOwner' | 'byId'>,
    /** The living community, as it was last read or written; throws when there is none. */
    private readonly community: () => CommunityRecord,
    /** The owner has changed; this is what is stored. */
    private readonly changed: (stored: CommunityRecord) => void,
  ) {}

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Whether it is not known if this member is the owner. */
  isUnknownOf(memberId: string): boolean {
    return this.#open !== undefined && (this.#open.owner_id === memberId || this.community().owner_id === memberId);
  }

  /**
   * Durable when it resolves. Fault `timeout`: not known, until `settle`; `unavailable`: nothing was written, or somebody else has
   * written since it was read, and that is what counts now.
   */
  async give(memberId: string, by: string | null): Promise<void> {
    await this.settle();
    const before = this.community();
    const change = { owner_id: memberId, owner_version: before.owner_version + 1, handed_over_by: by };
    try {
      if (await this.communities.setOwner(before.id, change)) return this.changed({ ...before, ...change });
    } catch (error) {
      if (Fault.from(error).code === 'timeout') this.#open = change;
      throw error;
    }
    this.#open = change;
    await this.settle();
    throw new Fault('unavailable', 'The owner has changed meanwhile', { retry_after_ms: 500 });
  }

  /** Carried out once more: after that, the first write finds no place where it could land. Rejects when the store does not answer. */
  async settle(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    const { id } = this.community();
    await this.communities.setOwner(id, open);
    const stored = await this.communities.byId(id);
    this.#open = undefined;
    if (stored) this.changed(stored);
  }
}

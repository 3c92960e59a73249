import type { CommunityRecord, CommunityRepository, MemberRecord, OwnerChange } from '../../../store/contracts.js';
import { SettledWrites } from './settled-writes.js';

/** Whoever cannot sign in cannot tend a community either: people of an import, closed accounts. */
export const canOwn = (member: MemberRecord | null | undefined): boolean => Boolean(member?.is_active) && member?.password_hash !== null;

/**
 * Who owns the community. What must hold: it has one owner, at every moment and whatever crashes: the owner changes by one write of one
 * field. A write whose outcome is not known is brought to its end before anybody is told that they own it, or do not.
 */
export class Ownership {
  readonly #writes: SettledWrites<OwnerChange>;

  constructor(
    communities: Pick<CommunityRepository, 'setOwner' | 'byId'>,
    /** The living community, as it was last read or written; throws when there is none. */
    private readonly community: () => CommunityRecord,
    /** The owner has changed; this is what is stored. */
    changed: (stored: CommunityRecord) => void,
  ) {
    this.#writes = new SettledWrites((id, change) => communities.setOwner(id, change), communities, community, changed);
  }

  get isOpen(): boolean {
    return this.#writes.open !== undefined;
  }

  /** Whether it is not known if this member is the owner. */
  isUnknownOf(memberId: string): boolean {
    const { open } = this.#writes;
    return open !== undefined && (open.owner_id === memberId || this.community().owner_id === memberId);
  }

  /** Durable when it resolves. Faults: see `SettledWrites.put`. */
  give(memberId: string, by: string | null): Promise<void> {
    return this.#writes.put(
      ({ owner_id, owner_version }) => ({
        ...{ owner_id: memberId, owner_version: owner_version + 1 },
        ...{ handed_over_by: by, owner_before: owner_id },
      }),
      'The owner has changed meanwhile',
    );
  }

  /** Rejects when the store does not answer. */
  settle(): Promise<void> {
    return this.#writes.settle();
  }
}

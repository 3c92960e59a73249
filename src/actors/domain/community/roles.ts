import { roleTable } from '../../../authority/role-table.js';
import type { RoleRecord } from '../../../authority/roles.js';
import type { CommunityRecord, CommunityRepository, RolesChange } from '../../../store/contracts.js';
import { SettledWrites } from './settled-writes.js';

/**
 * The roles of one community, in its own record: all of them change by one write. A write whose outcome is not known is brought to its
 * end before anybody is told how they stand.
 */
export class Roles {
  readonly #writes: SettledWrites<RolesChange>;

  constructor(
    communities: Pick<CommunityRepository, 'setRoles' | 'byId'>,
    /** The living community, as it was last read or written; throws when there is none. */
    private readonly community: () => CommunityRecord,
    /** The roles have changed; this is what is stored. */
    changed: (stored: CommunityRecord) => void,
  ) {
    this.#writes = new SettledWrites((id, change) => communities.setRoles(id, change), communities, community, changed);
  }

  /** Whether it is not known what they are. */
  get isOpen(): boolean {
    return this.#writes.open !== undefined;
  }

  /** Highest first, `everyone` last. */
  get records(): readonly RoleRecord[] {
    return roleTable(this.community()).records;
  }

  /**
   * Durable when it resolves. `make` answers the roles as they are to be, or the same list where nothing is to change; what it throws
   * is thrown. Faults: see `SettledWrites.put`.
   */
  change(make: (records: readonly RoleRecord[]) => readonly RoleRecord[]): Promise<void> {
    return this.#writes.put((before) => {
      const { records } = roleTable(before);
      const roles = make(records);
      return roles === records ? undefined : { roles: [...roles], roles_version: (before.roles_version ?? 0) + 1 };
    }, 'The roles have changed meanwhile');
  }

  /** Rejects when the store does not answer. */
  settle(): Promise<void> {
    return this.#writes.settle();
  }
}

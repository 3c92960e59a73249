import { namesOf } from '../authority/bits.js';
import { held } from '../authority/held.js';
import type { Permission } from '../authority/permissions.js';
import { type RankedRole, roleTable } from '../authority/role-table.js';
import type { Snapshot } from '../authority/snapshot.js';
import type { CommunityRecord, MembershipRecord } from './contracts.js';

type Community = Pick<CommunityRecord, 'id' | 'kind' | 'is_public' | 'owner_id' | 'roles'>;
type Membership = Pick<MembershipRecord, 'member_id' | 'roles' | 'state' | 'muted_until'>;

/** Roles with their ranks. */
export interface Stands extends Snapshot {
  member: (NonNullable<Snapshot['member']> & { roles: readonly RankedRole[] }) | null;
}

/** Until when somebody may not write there, ms. An owner may always: nobody stands above to lift the mute. */
export const mutedUntilIn = (
  { owner_id }: Pick<CommunityRecord, 'owner_id'>,
  m: Pick<MembershipRecord, 'member_id' | 'muted_until'>,
): number | null => (m.member_id === owner_id ? null : m.muted_until);

/** The living roles that a membership names, beside `everyone`, the highest first. */
export const rolesIn = (community: Community, { roles }: Pick<MembershipRecord, 'roles'>): RankedRole[] =>
  roleTable(community)
    .held(roles)
    .sort((a, b) => b.rank - a.rank);

/** How somebody stands in a community, by their membership; null: they never had one. */
export const snapshotOf = (community: Community, m: Membership | null): Stands => {
  const { id, kind, is_public, owner_id } = community;
  const { member_id, state } = m ?? {};
  return {
    community: { id, kind, is_public, everyone: roleTable(community).everyone },
    member:
      m && member_id !== undefined && state === 'active'
        ? { id: member_id, is_owner: member_id === owner_id, roles: rolesIn(community, m), timed_out_until: mutedUntilIn(community, m) }
        : null,
    is_banned: state === 'banned',
  };
};

/** What a member holds in the community, a mute aside. */
export const permissionsIn = (community: Community, m: Membership): Permission[] =>
  namesOf(held(snapshotOf(community, { ...m, muted_until: null }), 0));

import type { Access } from '../src/actors/domain/community/messages.js';
import { rankOf, roleTable } from '../src/authority/role-table.js';
import { starterRoleOf } from '../src/authority/roles.js';
import type { Role } from '../src/protocol/resources.js';

export interface Stands {
  community_id?: string;
  member_id?: string;
  is_public?: boolean;
  role?: Role | null;
  is_banned?: boolean;
  muted_until?: number | null;
  unread_since?: number;
}

/** How somebody stands in a community with the roles that every community begins with, in the words of version 1. */
export const anAccess = (stands: Stands = {}): Access => {
  const { community_id = 'c', member_id = 'me', is_public = false, role = null, is_banned = false, muted_until = null } = stands;
  const table = roleTable({ id: community_id });
  const roles = role === 'moderator' ? table.held([starterRoleOf(community_id)]) : [];
  const is_owner = role === 'owner';
  return {
    community_id,
    member_id,
    role,
    rank: role === null ? 0 : rankOf(roles, is_owner),
    access_rev: 1,
    community: { id: community_id, kind: 'community', is_public, everyone: table.everyone },
    member: role === null ? null : { id: member_id, is_owner, roles, timed_out_until: is_owner ? null : muted_until },
    is_banned,
    ...(stands.unread_since !== undefined && { unread_since: stands.unread_since }),
  };
};

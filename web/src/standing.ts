import type { Permission } from '../../src/client/index.js';
import type { Community, CommunityRole, Membership } from '../../src/protocol/resources.js';

/** The same for somebody of whom nothing is known. */
const none: ReadonlySet<Permission> = new Set();

/**
 * What one may do in a community, so that nothing else is offered; the server decides all the same. Like there, how high somebody
 * stands is how high their highest role stands, and the owner stands above all.
 */
export interface Standing {
  isOwner: boolean;
  rank: number;
  may: (permission: Permission) => boolean;
}

const rankOf = (role: Membership['role'], held: readonly string[], roles: readonly CommunityRole[]): number =>
  role === 'owner' ? Number.POSITIVE_INFINITY : Math.max(0, ...roles.filter(({ id }) => held.includes(id)).map(({ position }) => position));

export const standingIn = (community: Community | null | undefined, roles: readonly CommunityRole[]): Standing => {
  const me = community?.me;
  const held = me ? new Set(me.permissions) : none;
  return { isOwner: me?.role === 'owner', rank: me ? rankOf(me.role, me.roles, roles) : 0, may: (permission) => held.has(permission) };
};

/** Whether one may change, move or (where it can be deleted) delete a role. */
export const mayChange = ({ rank, may }: Standing, { position }: CommunityRole): boolean => may('manage_roles') && position < rank;

const holdsAll = ({ may }: Standing, { permissions }: CommunityRole): boolean => permissions.every(may);

export const mayDelete = (standing: Standing, role: CommunityRole): boolean => mayChange(standing, role) && holdsAll(standing, role);

/** Whether one may give somebody a role, or take it from them. */
export const mayGive = (
  standing: Standing,
  { role: targetRole, roles: held }: Membership,
  isSelf: boolean,
  role: CommunityRole,
  roles: readonly CommunityRole[],
): boolean => {
  if (role.position === 0 || !mayChange(standing, role) || !holdsAll(standing, role)) return false;
  if (isSelf) return standing.isOwner || held.includes(role.id);
  return standing.rank > rankOf(targetRole, held, roles);
};

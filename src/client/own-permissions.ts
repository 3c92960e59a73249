import { type Permission, permissions } from '../authority/permissions.js';
import type { CommunityRole } from '../protocol/resources.js';

const names = Object.keys(permissions) as Permission[];

/** What somebody holds in a community by these roles, as the server says it: a mute aside, in the order of the table. */
export const permissionsBy = (roles: readonly CommunityRole[], isOwner: boolean, held: readonly string[]): Permission[] => {
  const granted = new Set(roles.filter(({ id, position }) => position === 0 || held.includes(id)).flatMap((role) => role.permissions));
  return isOwner || granted.has('administrator') ? names : names.filter((name) => granted.has(name));
};

import type { CommunityRole, Membership } from '../../src/protocol/resources.js';

/** The highest of somebody's roles that has a colour: it is shown beside their name. */
export const colouredRole = (roles: readonly CommunityRole[], membership: Membership | undefined): CommunityRole | undefined =>
  membership && roles.find(({ id, color }) => color !== null && membership.roles.includes(id));

import { has } from '../../authority/bits.js';
import type { Audience } from '../../authority/closure.js';
import type { Snapshot } from '../../authority/snapshot.js';

/** As whom somebody looks for threads in the community of a standing. */
export const audienceOf = ({ member }: Pick<Snapshot, 'member'>): Audience => {
  if (member === null) return { member: null, roles: [] };
  const isAbove = member.is_owner || member.roles.some(({ permissions }) => has(permissions, 'administrator'));
  return isAbove ? 'everybody' : { member: member.id, roles: member.roles.map(({ id }) => id) };
};

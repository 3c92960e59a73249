import type { Audience } from '../../authority/closure.js';
import type { Access } from './community/messages.js';

/** As whom a member looks for threads in a community. */
export const audienceOf = ({ member_id, role }: Access): Audience =>
  role === 'owner' ? 'everybody' : { member: role === null ? null : member_id, roles: [] };

import type { Role } from '../protocol/resources.js';
import type { Permission } from './permissions.js';

const stranger = ['view', 'read_history'] as const satisfies Permission[];
const talk = ['post', 'create_thread', 'react', 'attach', 'embed_links', 'create_invite'] as const satisfies Permission[];
const tend = [
  'mention_all',
  'pin_messages',
  'manage_messages',
  'manage_threads',
  'manage_invites',
  'time_out_members',
  'kick_members',
  'ban_members',
  'manage_roles',
  'manage_community',
] as const satisfies Permission[];

/** What each role of version 1 holds. An owner stands above the table: see `decide`. */
const held: Record<Exclude<Role, 'owner'>, ReadonlySet<Permission>> = {
  member: new Set([...stranger, ...talk]),
  moderator: new Set([...stranger, ...talk, ...tend]),
};

/** What a mute takes away, whatever the role. */
export const silenced: ReadonlySet<Permission> = new Set(talk);

/** What everybody who is signed in holds in a community that is public. */
export const ofStrangers: ReadonlySet<Permission> = new Set(stranger);

export const holds = (role: Role, permission: Permission): boolean => role === 'owner' || held[role].has(permission);

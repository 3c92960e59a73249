import { idFromName } from '../kernel/ids.js';
import { type Bits, bitsOf } from './bits.js';
import type { Permission } from './permissions.js';

/** A role of one community, as it is kept. */
export interface RoleRecord {
  id: string;
  name: string;
  /** `#rrggbb`. */
  color: string | null;
  permissions: Permission[];
  /** Whether everybody may ring for whoever holds it. */
  mentionable: boolean;
  /** Of the call that made it, by which the same call again finds it. */
  origin?: string;
}

/** What somebody says of a role. */
export type RoleText = Pick<RoleRecord, 'name' | 'color' | 'permissions' | 'mentionable'>;
export type RolePatch = { [K in keyof RoleText]?: RoleText[K] | undefined };

export const everyoneName = 'everyone';
const starterName = 'Moderator';

const ofEveryone = [
  'view',
  'read_history',
  'post',
  'create_thread',
  'create_closed_thread',
  'react',
  'attach',
  'embed_links',
  'create_invite',
  'speak',
  'stream',
] as const satisfies Permission[];
const ofStarter = [
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

/** Whoever holds the starter role is what version 1 calls a moderator. It has this id in its community, and stays for ever. */
export const starterRoleOf = (communityId: string): string => idFromName('starter_role', communityId);

/** The roles of a community where nobody has changed any: highest first, `everyone` last, which has the community's id. */
export const defaultRoles = (communityId: string): RoleRecord[] => [
  { id: starterRoleOf(communityId), name: starterName, color: null, permissions: [...ofStarter], mentionable: false },
  { id: communityId, name: everyoneName, color: null, permissions: [...ofEveryone], mentionable: false },
];

/** What everyone can never hold. */
export const neverOfEveryone: Bits = bitsOf(['administrator', 'manage_roles']);

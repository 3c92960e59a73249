import { type Permission, permissions } from '../../authority/permissions.js';
import type { Address } from '../runtime/actor.js';

/** Stored names of ledgers. A member's own is named `me` by its readers; everything else has one name. */

export const memberLedger = (memberId: string): string => `me:${memberId}`;

/** Of which community it is the one that every member may read; undefined: of none. */
export const communityLedgerId = (name: string): string | undefined => /^community:([0-9a-f]{24})$/.exec(name)?.[1];

/** Of a community, for those alone who hold a permission. */
export const permissionLedger = (communityId: string, permission: Permission): string => `community:${communityId}:${permission}`;

/** Which of those it is; undefined: none. Whether anything stands in it, its community knows. */
export const permissionLedgerOf = (name: string): { community: string; permission: Permission } | undefined => {
  const [, community, permission] = /^community:([0-9a-f]{24}):([a-z_]+)$/.exec(name) ?? [];
  if (community === undefined || permission === undefined || !Object.hasOwn(permissions, permission)) return undefined;
  return { community, permission: permission as Permission };
};

/** Of which closed thread it is; undefined: of none. */
export const threadLedgerId = (name: string): string | undefined => /^thread:([0-9a-f]{24})$/.exec(name)?.[1];

/** As its readers name it. */
export const wireName = (stored: string): string => (stored.startsWith('me:') ? 'me' : stored);

/** By what a stored name begins with. */
const owners: Readonly<Record<string, string>> = { me: 'user', community: 'community', thread: 'thread' };

/** Whose actor keeps it. */
export const ledgerOwner = (stored: string): Address => {
  const [subject = '', key = ''] = stored.split(':');
  const kind = owners[subject];
  if (kind === undefined) throw new Error(`no actor keeps the ledger ${stored}`);
  return { kind, key };
};

import type { Permission } from './permissions.js';

/** Who may do something. Where a permission is named, it is asked for in the operation's place. */
export type Allow =
  /** Signed in or not. */
  | { who: 'anyone' }
  | { who: 'signed_in' }
  /** The member whose id this field of the input names. */
  | { who: 'self'; field: string }
  /** Whoever administers the installation: named in its configuration. */
  | { who: 'installation' }
  /** Whoever is a member of the community. */
  | { who: 'member' }
  /** The one member who owns the community. */
  | { who: 'owner' }
  | { who: 'permission'; permission: Permission }
  /** Whoever made it, while they hold the permission. */
  | { who: 'author'; permission: Permission }
  | { who: 'any'; of: readonly Allow[] };

export const anyone: Allow = { who: 'anyone' };
export const signedIn: Allow = { who: 'signed_in' };
export const installation: Allow = { who: 'installation' };
export const memberOf: Allow = { who: 'member' };
export const owner: Allow = { who: 'owner' };
export const self = (field: string): Allow => ({ who: 'self', field });
export const bit = (permission: Permission): Allow => ({ who: 'permission', permission });
export const author = (permission: Permission): Allow => ({ who: 'author', permission });
export const anyOf = (...of: readonly Allow[]): Allow => ({ who: 'any', of });

/** Whether somebody who is not signed in may ask. */
export const isOpen = (allow: Allow): boolean => allow.who === 'anyone' || (allow.who === 'any' && allow.of.some(isOpen));

/** Whether it makes a difference who asks, where nobody has to say. */
export const heedsWhom = (allow: Allow): boolean => allow.who !== 'anyone';

/** In words, for documents. */
export const allowText = (allow: Allow): string => {
  switch (allow.who) {
    case 'anyone':
      return 'no sign-in';
    case 'signed_in':
      return 'any active member';
    case 'self':
      return 'only the member it is about';
    case 'installation':
      return 'an administrator of the installation';
    case 'member':
      return 'members of the community';
    case 'owner':
      return 'the owner';
    case 'permission':
      return `\`${allow.permission}\``;
    case 'author':
      return `who made it, with \`${allow.permission}\``;
    case 'any':
      return allow.of.map(allowText).join(', or ');
  }
};

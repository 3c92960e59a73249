/**
 * What a route or event demands before it is carried out, and which limit counts it. Each declares both: a test fails for
 * one that does not, and the generated permission matrix is made from these names.
 */
export const permissions = {
  anyone: 'no sign-in',
  sign_up: 'no sign-in while sign-up is open; an administrator of the installation while it is closed',
  signed_in: 'any active member',
  self: 'only the member it is about',
  self_or_admin: 'the member it is about, or an administrator of the installation',
  community_see: 'members; for a public community every signed-in member',
  community_join: 'anyone signed in for a public community; never while banned',
  community_member: 'members of the community',
  community_post: 'members of the community who are not muted',
  community_moderate: 'owner and moderators',
  community_own: 'the owner',
  community_hand_over: 'the owner; an administrator of the installation where the owner cannot sign in (any more)',
  message_author: 'the author of the message, while a member and not muted',
  message_author_or_moderator: 'the author of the message, owner and moderators',
  thread_author_or_moderator: 'who began the thread, owner and moderators',
} as const;
export type Permission = keyof typeof permissions;

/** Points per window; one request costs one point. Counted for all nodes together, by member, or by address before sign-in. */
export const limits = {
  sign_up: { points: 20, seconds: 3600, by: 'address' },
  sign_in: { points: 20, seconds: 60, by: 'address' },
  refresh: { points: 60, seconds: 60, by: 'address' },
  read: { points: 600, seconds: 60, by: 'member' },
  search: { points: 60, seconds: 60, by: 'member' },
  write: { points: 120, seconds: 60, by: 'member' },
  send: { points: 60, seconds: 10, by: 'member' },
  react: { points: 60, seconds: 10, by: 'member' },
  signal: { points: 120, seconds: 10, by: 'member' },
  probe: { points: 1200, seconds: 60, by: 'address' },
} as const;
export type LimitName = keyof typeof limits;

import type { ErrorCode } from '../../src/kernel/errors.js';

/** How one can stand to a community, from outside inwards. */
export const standings = ['nobody', 'stranger', 'banned', 'muted', 'member', 'moderator', 'owner'] as const;
export type Standing = (typeof standings)[number];
export type SignedIn = Exclude<Standing, 'nobody'>;
export const signedIn = standings.filter((standing): standing is SignedIn => standing !== 'nobody');

export type Visibility = 'public' | 'private';
export type Outcome = 'ok' | ErrorCode;

/** Whom each word lets in, as version 1 said it. */
export const words = {
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
export type Word = keyof typeof words;

/**
 * What each word means, a column a standing in the order above. o: may; u: unauthenticated; f: forbidden; n: not_found;
 * a: may with what is one's own, forbidden with another's. Written down from the words and not taken from the product's
 * policy, so that a change of the policy shows here.
 */
const table: Record<Word, Record<Visibility, string>> = {
  anyone: { public: 'o o o o o o o', private: 'o o o o o o o' },
  // As it is in the matrix: open.
  sign_up: { public: 'o o o o o o o', private: 'o o o o o o o' },
  signed_in: { public: 'u o o o o o o', private: 'u o o o o o o' },
  self: { public: 'u a a a a a a', private: 'u a a a a a a' },
  self_or_admin: { public: 'u a a a a a a', private: 'u a a a a a a' },
  community_see: { public: 'u o o o o o o', private: 'u n n o o o o' },
  community_join: { public: 'u o f o o o o', private: 'u n n o o o o' },
  community_member: { public: 'u f f o o o o', private: 'u n n o o o o' },
  community_post: { public: 'u f f f o o o', private: 'u n n f o o o' },
  community_moderate: { public: 'u f f f f o o', private: 'u n n f f o o' },
  community_own: { public: 'u f f f f f o', private: 'u n n f f f o' },
  // The scene's owner is there; what an administrator may do is tested by itself.
  community_hand_over: { public: 'u f f f f f o', private: 'u n n f f f o' },
  message_author: { public: 'u f f f a a a', private: 'u n n f a a a' },
  message_author_or_moderator: { public: 'u f f f a o o', private: 'u n n f a o o' },
  thread_author_or_moderator: { public: 'u f f f a o o', private: 'u n n f a o o' },
};

/** Whose the thing is that is acted upon. */
export type Subject = 'own' | 'other';

/** Whether it makes a difference whose it is: then a case tries both. */
export const dependsOnSubject = (word: Word): boolean => Object.values(table[word]).some((row) => row.includes('a'));

export const expectedOutcome = (word: Word, standing: Standing, visibility: Visibility, subject: Subject): Outcome => {
  const letter = table[word][visibility].split(' ')[standings.indexOf(standing)];
  if (letter === 'o') return 'ok';
  if (letter === 'a') return subject === 'own' ? 'ok' : 'forbidden';
  return letter === 'u' ? 'unauthenticated' : letter === 'f' ? 'forbidden' : 'not_found';
};

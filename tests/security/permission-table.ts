import type { ErrorCode } from '../../src/kernel/errors.js';

/** How one could stand to a community in version 1, from outside inwards. */
export const standingsOfVersion1 = ['nobody', 'stranger', 'banned', 'muted', 'member', 'moderator', 'owner'] as const;
type StandingOfVersion1 = (typeof standingsOfVersion1)[number];

/**
 * And with roles: `allowed` holds one that grants all but `administrator`; `denied` one to which overrides of threads deny all but to
 * look; `administrator` one with that permission.
 */
export const standings = [...standingsOfVersion1, 'allowed', 'denied', 'administrator'] as const;
export type Standing = (typeof standings)[number];
/** Nothing sets these apart where it is not about a thread, but for what each has made. */
export const isPlain = (standing: Standing): boolean => standing === 'member' || standing === 'muted' || standing === 'denied';
export type SignedIn = Exclude<Standing, 'nobody'>;
export const signedIn = standings.filter((standing): standing is SignedIn => standing !== 'nobody');

/**
 * Where it is asked: in a public or a private community; in a closed thread of a public one, into which its members are let by name; and
 * in one into which nobody is let but by the role of `allowed`, and the target, on whom others act.
 */
export const visibilities = ['public', 'private', 'closed', 'shut'] as const;
export type Visibility = (typeof visibilities)[number];
type VisibilityOfVersion1 = 'public' | 'private';
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
const table: Record<Word, Record<VisibilityOfVersion1, string>> = {
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

/** What version 1 says. Undefined for whom, and for where, it has no word. */
export const saidByVersion1 = (word: Word, standing: Standing, visibility: Visibility, subject: Subject): Outcome | undefined => {
  if (visibility === 'closed' || visibility === 'shut') return undefined;
  const letter = table[word][visibility].split(' ')[standingsOfVersion1.indexOf(standing as StandingOfVersion1)];
  if (letter === undefined) return undefined;
  if (letter === 'o') return 'ok';
  if (letter === 'a') return subject === 'own' ? 'ok' : 'forbidden';
  return letter === 'u' ? 'unauthenticated' : letter === 'f' ? 'forbidden' : 'not_found';
};

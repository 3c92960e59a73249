import { Fault } from '../../../kernel/errors.js';
import type { Role } from '../../../protocol/resources.js';
import type { Access } from './messages.js';

/** Who may do what, as pure functions: each throws the Fault that the asker gets, or returns. One place for both doors. */

const rank: Record<Role, number> = { member: 1, moderator: 2, owner: 3 };

/** Whether one may know that it exists. A banned member sees what a stranger sees. */
export const maySee = (a: Access): boolean => a.is_public || a.role !== null;

/** The same words for what is not there and for what one may not know of: otherwise a guess would tell. */
export const nothingThere = (): Fault => new Fault('not_found', 'There is no such community, thread or message');

/** `not_found` where one may not know that it exists. */
export const demandSee = (a: Access): void => {
  if (!maySee(a)) throw nothingThere();
};

export const demandMember = (a: Access): Role => {
  demandSee(a);
  if (a.role === null) throw new Fault('forbidden', a.is_banned ? 'You are banned from this community' : 'Join the community first');
  return a.role;
};

/** `now` in ms. */
export const demandPost = (a: Access, now: number): Role => {
  const role = demandMember(a);
  if (a.muted_until !== null && a.muted_until > now) throw new Fault('forbidden', 'You are muted in this community');
  return role;
};

export const demandModerate = (a: Access): Role => {
  const role = demandMember(a);
  if (rank[role] < rank.moderator) throw new Fault('forbidden', 'Only moderators and the owner may do this');
  return role;
};

export const demandOwn = (a: Access): void => {
  if (demandMember(a) !== 'owner') throw new Fault('forbidden', 'Only the owner may do this');
};

export const demandAuthor = (a: Access, author: string, now: number): void => {
  demandPost(a, now);
  if (a.member_id !== author) throw new Fault('forbidden', 'Only the author may do this');
};

/** One's own while one may post, anyone's as a moderator. */
export const demandAuthorOrModerator = (a: Access, author: string, now: number): void => {
  const role = demandMember(a);
  if (rank[role] >= rank.moderator) return;
  demandAuthor(a, author, now);
};

export const demandJoin = (a: Access): void => {
  demandSee(a);
  if (a.is_banned) throw new Fault('forbidden', 'You are banned from this community');
};

/**
 * What tends a community is its moderators' and its owner's. What opens it, so that everybody may read all that was ever said in it,
 * is its owner's.
 */
export const demandUpdate = (a: Access, patch: { is_public?: boolean | undefined }): void => {
  demandModerate(a);
  if (patch.is_public === true && !a.is_public) demandOwn(a);
};

/** What a membership change may ask for. */
export interface Change {
  role?: Role | undefined;
  muted_until?: number | null | undefined;
  is_banned?: boolean | undefined;
}

/**
 * Nobody becomes a member unasked: people join by themselves. Only an administrator of the installation adds somebody, as a plain
 * member and nothing else with it; for that the administrator need not belong to the community.
 */
const demandAdd = (by: Access, change: Change, isAdmin: boolean): void => {
  if (!isAdmin) {
    demandModerate(by);
    throw new Fault('forbidden', 'Nobody becomes a member unasked: people join by themselves');
  }
  const { role, ...rest } = change;
  if (role !== 'member' || Object.values(rest).some((value) => value !== undefined)) {
    throw new Fault('forbidden', 'An administrator adds people as plain members only');
  }
};

/** Whether a change would make a member of somebody who is none now. */
export const adds = (target: Access, change: Change): boolean =>
  target.role === null && change.role !== undefined && change.is_banned !== true;

/**
 * Adds nobody, but for an administrator (`isAdmin`). Acts on others only, below one's own rank, and grants at most one's own rank;
 * only an owner makes an owner (and then hands over: the community has one owner).
 */
export const demandChange = (by: Access, target: Access, change: Change, isAdmin = false): void => {
  if (adds(target, change)) {
    demandAdd(by, change, isAdmin);
    return;
  }
  const mine = rank[demandModerate(by)];
  if (by.member_id === target.member_id) throw new Fault('forbidden', 'You may not change your own standing');
  if (target.role !== null && rank[target.role] >= mine) throw new Fault('forbidden', 'You may act only on members below your own rank');
  if (change.role === undefined) return;
  const wanted = rank[change.role];
  if (change.role === 'owner' ? mine < rank.owner : wanted >= mine && mine < rank.owner) {
    throw new Fault('forbidden', 'You may grant only roles below your own');
  }
};

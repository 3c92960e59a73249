import { memberOf } from '../../authority/allow.js';
import { authorise } from '../../authority/authorise.js';
import { has } from '../../authority/bits.js';
import type { Standing } from '../../authority/decide.js';
import { held } from '../../authority/held.js';
import { Fault } from '../../kernel/errors.js';
import { createInvite } from './contract.js';

/** What decides whether an invite lets somebody in. Times in ms. */
export interface Terms {
  created_by: string;
  max_uses: number | null;
  expires_at: number | null;
  revoked_at: number | null;
}

/** The same words for every code that lets nobody in, whatever the reason: a guess tells nothing. */
export const noSuchInvite = (): Fault => new Fault('not_found', 'There is no such invite, or it lets nobody in any more');

/** Whether somebody who has not used it yet could. */
export const isLiving = ({ max_uses, expires_at, revoked_at }: Terms, uses: number, now: number): boolean =>
  revoked_at === null && (expires_at === null || expires_at > now) && (max_uses === null || uses < max_uses);

/** Whether it stands for somebody who has used it: their place is kept, also when it was the last. */
export const stillStands = (terms: Terms, now: number): boolean => isLiving({ ...terms, max_uses: null }, 0, now);

/** Faults as for any permission. */
export const demandCreate = (by: Standing & { member_id: string }, now: number): void => {
  authorise(createInvite.allow, by, by, now);
};

/** Whether they see all invites of the community and may end each. */
export const mayManage = (by: Standing & { member_id: string }, now: number): boolean =>
  by.member !== null && has(held(by, now), 'manage_invites');

/** Members see their own, also while they are muted. `not_found` for those who may not know of the community. */
export const demandMember = (by: Standing & { member_id: string }, now: number): void => {
  authorise(memberOf, by, by, now);
};

/** Whether it is theirs to see and to end. One that is not is told of to nobody. */
export const isTheirs = (by: Standing & { member_id: string }, { created_by }: Terms, now: number): boolean =>
  by.member !== null && (created_by === by.member_id || mayManage(by, now));

/** Why somebody who holds a living invite is not let in; a member needs none. */
export const demandAccept = (by: Standing & { member_id: string }): void => {
  if (by.is_banned) throw new Fault('forbidden', 'You are banned from this community');
};

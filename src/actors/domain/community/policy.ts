import { authorise } from '../../../authority/authorise.js';
import type { Bits } from '../../../authority/bits.js';
import { mayKnow, nothingThere } from '../../../authority/decide.js';
import { held } from '../../../authority/held.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { Role } from '../../../protocol/resources.js';
import type { Access } from './messages.js';

/** What permissions do not say by themselves: who stands above whom. Pure: each throws the Fault that the asker gets, or returns. */

/** `not_found` where one may not know that it exists. */
export const demandSee = (by: Access): void => {
  if (!mayKnow(by)) throw nothingThere();
};

/** `now` in ms. */
export const demandJoin = (by: Access, now: number): void => {
  authorise(rules.join_as_member, by, by, now);
  if (by.is_banned) throw new Fault('forbidden', 'You are banned from this community');
};

/**
 * What tends a community takes its permission. What opens it, so that everybody may read all that was ever said in it, takes an
 * administrator of the community, or its owner.
 */
export const demandUpdate = (by: Access, patch: { is_public?: boolean | undefined }, now: number): void => {
  const opens = patch.is_public === true && !by.community.is_public;
  authorise(rules.update_community, by, by, now);
  if (opens) authorise(rules.open_community, by, by, now);
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
const demandAdd = (by: Access, change: Change, isAdmin: boolean, now: number): void => {
  if (!isAdmin) {
    authorise(rules.change_membership, by, by, now);
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

/** Nobody acts on themselves, nor on a member of their own rank or above. */
export const demandAbove = (by: Access, target: Access): void => {
  if (by.member_id === target.member_id) throw new Fault('forbidden', 'You may not change your own standing');
  if (target.role !== null && target.rank >= by.rank) throw new Fault('forbidden', 'You may act only on members below your own rank');
};

/** Who gives a role stands above it and holds whatever it grants. */
export const demandGrant = (by: Access, role: { rank: number; permissions: Bits }, now: number): void => {
  authorise(rules.give_role, by, by, now);
  if (role.rank >= by.rank) throw new Fault('forbidden', 'You may grant only roles below your own');
  if ((role.permissions & ~held(by, now)) !== 0) throw new Fault('forbidden', 'You may grant only what you hold yourself');
};

/**
 * Adds nobody, but for an administrator (`isAdmin`). Each part of a change takes its own permission. Acts on others only, below one's
 * own rank; only an owner makes an owner (and then hands over: the community has one owner). `starter`: the role that version 1's
 * `moderator` gives.
 */
export const demandChange = (
  by: Access,
  target: Access,
  change: Change,
  { starter, now, isAdmin = false }: { starter: { rank: number; permissions: Bits }; now: number; isAdmin?: boolean },
): void => {
  if (adds(target, change)) {
    demandAdd(by, change, isAdmin, now);
    return;
  }
  authorise(rules.change_membership, by, by, now);
  if (change.muted_until !== undefined) authorise(rules.time_out_member, by, by, now);
  if (change.is_banned !== undefined) authorise(rules.ban_member, by, by, now);
  demandAbove(by, target);
  if (change.role === undefined) return;
  if (change.role === 'owner') {
    if (by.role !== 'owner') throw new Fault('forbidden', 'You may grant only roles below your own');
  } else demandGrant(by, starter, now);
};

/** Takes a membership away. */
export const demandRemove = (by: Access, target: Access, now: number): void => {
  authorise(rules.remove_member, by, by, now);
  demandAbove(by, target);
};

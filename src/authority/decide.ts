import { Fault } from '../kernel/errors.js';
import { type Allow, isOpen } from './allow.js';
import { has } from './bits.js';
import { held, ofTalk } from './held.js';
import type { Permission } from './permissions.js';
import type { Snapshot } from './snapshot.js';

/** How one member stands in one place. */
export type Standing = Snapshot;

/** Who asks, for what is not told by the standing. */
export interface Asker {
  member_id: string;
  /** Whether they administer the installation. */
  is_admin: boolean;
  /** Whether they made what it is about. */
  isAuthor?: boolean | undefined;
}

/** The same words for what is not there and for what one may not know of: otherwise a guess would tell. */
export const nothingThere = (): Fault => new Fault('not_found', 'There is no such community, thread or message');

/** Whether somebody may know of the place. Members know of their community. No time-out takes that away, so it asks for no time. */
export const mayKnow = (standing: Standing): boolean =>
  (standing.member !== null && standing.overrides === undefined) || has(held(standing, 0), 'view');

/** Why somebody does not count as a member of the place, or undefined when they do. */
export const refusalAsMember = (standing: Standing): Fault | undefined => {
  if (!mayKnow(standing)) return nothingThere();
  if (standing.member !== null) return undefined;
  return new Fault('forbidden', standing.is_banned ? 'You are banned from this community' : 'Join the community first');
};

/** Why a permission is not held, or undefined when it is. `now` in ms. */
export const refusalOf = (standing: Standing, permission: Permission, now: number): Fault | undefined => {
  if (has(held(standing, now), permission)) return undefined;
  const refusal = refusalAsMember(standing);
  if (refusal) return refusal;
  const until = standing.member?.timed_out_until;
  const isTimedOut = until !== null && until !== undefined && until > now;
  if (isTimedOut && has(ofTalk, permission)) return new Fault('forbidden', 'You are muted in this community');
  return new Fault('forbidden', `This takes the permission ${permission}`);
};

const placed = (standing: Standing | undefined): Standing => {
  if (!standing) throw new Error('a permission is asked for in no place');
  return standing;
};

/**
 * Whether somebody may, by how they stand in the place: undefined, or the refusal that they hear. Pure: the same question has the same
 * answer. `input`: the operation's, for `self`. Where several ways are open, the last refusal is told, but never that of a way which
 * tells less than another: what one may not know of stays `not_found`.
 */
export const decide = (
  allow: Allow,
  asker: Asker | undefined,
  standing: Standing | undefined,
  input: Readonly<Record<string, unknown>>,
  now: number,
): Fault | undefined => {
  if (isOpen(allow)) return undefined;
  if (!asker) return new Fault('unauthenticated');
  switch (allow.who) {
    case 'signed_in':
      return undefined;
    case 'self':
      return input[allow.field] === asker.member_id ? undefined : new Fault('forbidden', 'Only the member it is about may do this');
    case 'installation':
      return asker.is_admin ? undefined : new Fault('forbidden', 'Only an administrator of the installation may do this');
    case 'member':
      return refusalAsMember(placed(standing));
    case 'owner': {
      const stands = placed(standing);
      const refusal = refusalAsMember(stands);
      // In a conversation nobody stands above the others.
      const owns = stands.member?.is_owner && stands.community.kind === 'community';
      return refusal ?? (owns ? undefined : new Fault('forbidden', 'Only the owner may do this'));
    }
    case 'permission':
    case 'author': {
      const refusal = refusalOf(placed(standing), allow.permission, now);
      if (refusal || allow.who === 'permission' || asker.isAuthor) return refusal;
      return new Fault('forbidden', 'Only the author may do this');
    }
    case 'any': {
      let last: Fault | undefined;
      for (const one of allow.of) {
        const refusal = decide(one, asker, standing, input, now);
        if (!refusal) return undefined;
        if (last?.code !== 'not_found') last = refusal;
      }
      return last;
    }
  }
};

import { type Audience, audienceOf, closureOf, isClosedThread, isSeenBy } from '../authority/closure.js';
import { mostOverrides, type OverrideRecord } from '../authority/overrides.js';
import { roleTable } from '../authority/role-table.js';
import type { CommunityRecord, MembershipRecord, OverridesChange, ThreadRecord } from './contracts.js';

/** Those of a thread or a patch. Throws for more than a thread may have. */
export const overridesOf = ({ overrides = [] }: Pick<ThreadRecord, 'overrides'>): readonly OverrideRecord[] => {
  if (overrides.length > mostOverrides) throw new RangeError(`a thread has at most ${mostOverrides} overrides`);
  return overrides;
};

/**
 * The change that gives a thread these overrides, all of them, in one write. One that closes or opens it by that says when, later than
 * ever before, so that whoever follows the thread sees that its documents in the index are for others now.
 */
export const withOverrides = (
  thread: Pick<ThreadRecord, 'overrides' | 'overrides_version' | 'scope_since'>,
  overrides: OverrideRecord[],
  now: number,
): OverridesChange => {
  const isTurned = isClosedThread(thread) !== isClosedThread({ overrides });
  return {
    overrides,
    overrides_version: (thread.overrides_version ?? 0) + 1,
    ...(isTurned && { scope_since: Math.max(now, (thread.scope_since ?? 0) + 1) }),
  };
};

/** Where a thread's documents stand in the index, and since when. */
export const scopeOf = (
  thread: Pick<ThreadRecord, 'id' | 'community_id' | 'overrides' | 'scope_since'>,
): { scope: string; scope_since?: number } => ({
  scope: isClosedThread(thread) ? thread.id : thread.community_id,
  ...(thread.scope_since !== undefined && { scope_since: thread.scope_since }),
});

/** As whom somebody looks in a community, by what is stored of both. A membership that is not active counts for nothing. */
export const audienceIn = (community: CommunityRecord, membership: MembershipRecord | null | undefined, memberId: string): Audience => {
  if (membership?.state !== 'active') return { member: null, roles: [] };
  const roles = roleTable(community).held(membership.roles);
  return audienceOf({ member: { id: memberId, is_owner: community.owner_id === memberId, roles, timed_out_until: null } });
};

/** Whether a member of its community may view a thread, likewise. Where the community is not there nobody sees what is closed. */
export const isMemberWhoViews = (
  thread: Pick<ThreadRecord, 'community_id' | 'overrides'>,
  community: CommunityRecord | null | undefined,
  membership: MembershipRecord | null,
): boolean => {
  if (membership?.state !== 'active') return false;
  const closure = closureOf(thread.community_id, thread.overrides);
  if (!closure) return true;
  return community ? isSeenBy(community.id, audienceIn(community, membership, membership.member_id), closure) : false;
};

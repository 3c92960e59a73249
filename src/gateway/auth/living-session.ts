import type { MemberRecord, SessionRecord } from '../../store/contracts.js';

/**
 * Whether a session is worth something: not ended, not expired, of an active member, and not among those that were ended all together.
 * The last one holds by the member's record alone: a crash may leave sessions that nobody has marked as ended.
 */
export const isLiving = (session: SessionRecord | null, member: MemberRecord | null, now: number): boolean => {
  if (!session || session.ended_at !== null || session.expires_at <= now) return false;
  if (!member?.is_active || member.id !== session.member_id) return false;
  const out = member.signed_out;
  return out === null || session.id === out.except || session.created_at >= out.at;
};

import type { MemberRecord } from '../../store/contracts.js';

/** What an installation decides about accounts: the parts of the configuration's `auth` that operations need. */
export interface AccountRules {
  signUp: 'open' | 'closed';
  reopenDays: number;
}

/** Until when a closed account may be opened again by its member; null for one that is open, or closed for good. */
export const reopenUntil = (member: MemberRecord, now: number): number | null =>
  !member.is_active && member.reopen_until !== null && member.reopen_until > now ? member.reopen_until : null;

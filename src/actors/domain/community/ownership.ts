import type { MemberRecord } from '../../../store/contracts.js';

/** Whoever cannot sign in cannot tend a community either: people of an import, closed accounts. */
export const canOwn = (member: MemberRecord | null | undefined): boolean => Boolean(member?.is_active) && member?.password_hash !== null;

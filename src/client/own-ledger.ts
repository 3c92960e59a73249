import type { FollowedLedgers } from './ledgers/ledger-reading.js';

/** The name of one's own ledger. */
export const ownLedger = 'me';
export const communityLedger = (communityId: string): string => `community:${communityId}`;

/** Follows a ledger where somebody is signed in; nobody else has any. */
export const followed = ({ ledgers, memberId }: { ledgers: FollowedLedgers; memberId: string | null }, name: string): (() => void) =>
  memberId === null ? () => undefined : ledgers.follow(name);

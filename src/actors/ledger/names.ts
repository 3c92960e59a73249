/** Stored names of ledgers. A client names its own by `me`; everything else has one name. */

export const memberLedger = (memberId: string): string => `me:${memberId}`;
export const communityLedger = (communityId: string): string => `community:${communityId}`;
export const threadLedger = (threadId: string): string => `thread:${threadId}`;

const own = /^me:/;
/** As whoever may see it names it. */
export const wireName = (stored: string): string => (own.test(stored) ? 'me' : stored);

import type { CommunityRecord } from '../../../store/contracts.js';

/** Whose standing a change may alter: these members', or everybody's. */
export type Stake = 'all' | readonly string[];

/** Names and pictures are nobody's. */
export const stakeOf = (before: CommunityRecord, after: CommunityRecord): Stake => {
  if (before.roles !== after.roles || before.is_public !== after.is_public || before.deleted_at !== after.deleted_at) return 'all';
  return before.owner_id === after.owner_id ? [] : [before.owner_id, after.owner_id];
};

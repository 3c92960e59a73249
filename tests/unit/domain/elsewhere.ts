import { newId } from '../../../src/kernel/ids.js';
import { changesBetween, communityLedger } from '../../../src/store/community-items.js';
import type { CommunityRecord, LedgerCommit } from '../../../src/store/contracts.js';
import type { Stage } from './stage.js';

/**
 * The commit of another node that believes to own the community: it stands upon what the document and the ledger say.
 */
export const elsewhere = async (
  { base, community }: Stage,
  operation: string,
  by: string | null,
  make: (before: CommunityRecord) => Partial<CommunityRecord>,
): Promise<LedgerCommit> => {
  const before = (await base.communities.byId(community)) as CommunityRecord;
  const changes = changesBetween(before, { ...before, ...make(before) });
  const ledger = communityLedger(community);
  const rev = (await base.ledgers.edges(ledger)).head + 1;
  return { id: newId(77), ledger, rev, epoch: 0, at: 1, by, operation, op_id: null, changes };
};

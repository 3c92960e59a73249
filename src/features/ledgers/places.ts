import { communityLedgerId, ledgerOwner, memberLedger, permissionLedgerOf, threadLedgerId } from '../../actors/ledger/names.js';
import type { Address } from '../../actors/runtime/actor.js';
import type { Permission } from '../../authority/permissions.js';

/** Where a ledger is kept. */
export interface LedgerPlace {
  /** The stored name. */
  stored: string;
  /** Whose actor has it. */
  owner: Address;
  /** Of which community it is, whose members alone hear of its changes; empty: of none, or of that of the thread. */
  community: string;
  /** Those alone who hold it there read it and hear of it. */
  permission?: Permission;
  /** Of which closed thread it is, which only some may view. */
  thread?: string;
}

/** What somebody means by a ledger's name; null: there is none of that name. */
export const ledgerPlace = (name: string, memberId: string): LedgerPlace | null => {
  if (name === 'me') return placeOf(memberLedger(memberId));
  const [community, thread] = [communityLedgerId(name), threadLedgerId(name)];
  if (community !== undefined) return placeOf(name, { community });
  if (thread !== undefined) return placeOf(name, { thread });
  const ofPermission = permissionLedgerOf(name);
  return ofPermission ? placeOf(name, ofPermission) : null;
};

const placeOf = (stored: string, of: Partial<LedgerPlace> = {}): LedgerPlace => ({
  stored,
  owner: ledgerOwner(stored),
  community: '',
  ...of,
});

import { communityLedgerId, ledgerOwner, memberLedger } from '../../actors/ledger/names.js';
import type { Address } from '../../actors/runtime/actor.js';

/** Where a ledger is kept. */
export interface LedgerPlace {
  /** The stored name. */
  stored: string;
  /** Whose actor has it. */
  owner: Address;
  /** Of which community it is, whose members alone hear of its changes; empty: of none. */
  community: string;
}

/** What somebody means by a ledger's name; null: there is none of that name. */
export const ledgerPlace = (name: string, memberId: string): LedgerPlace | null => {
  const community = communityLedgerId(name);
  if (community === undefined && name !== 'me') return null;
  const stored = community === undefined ? memberLedger(memberId) : name;
  return { stored, owner: ledgerOwner(stored), community: community ?? '' };
};

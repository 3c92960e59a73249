import { ledgerOwner, memberLedger } from '../../actors/ledger/names.js';
import type { Address } from '../../actors/runtime/actor.js';

/** Where a ledger is kept. */
export interface LedgerPlace {
  /** The stored name. */
  stored: string;
  /** Whose actor has it. */
  owner: Address;
  /** Of which community it is; empty: of none. */
  community: string;
}

/** What somebody means by a ledger's name; null: there is none of that name. */
export const ledgerPlace = (name: string, memberId: string): LedgerPlace | null => {
  if (name !== 'me') return null;
  const stored = memberLedger(memberId);
  return { stored, owner: ledgerOwner(stored), community: '' };
};

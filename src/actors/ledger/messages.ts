import type { Answers } from '../runtime/actor.js';
import type { SyncAnswer, SyncAsk } from './sync.js';

/**
 * What of a ledger has changed since what somebody knows. `not_found` where there is none, or they may not see it.
 * `as_member`: who follows it from now on, so `forbidden` where they may read it and do not belong there.
 */
export type SyncLedger = Answers<{ type: 'sync_ledger'; by: string; ledger: string; as_member?: true } & SyncAsk, SyncAnswer>;

/** How far a ledger goes. For nodes, whoever is in its room. `not_found` where there is none. */
export type LedgerHead = Answers<{ type: 'ledger_head'; ledger: string }, { head_rev: number }>;

/** What an actor with ledgers tells itself: to tend one. */
export interface TendLedger {
  type: 'tend_ledger';
  ledger: string;
}

import type { Answers } from '../runtime/actor.js';
import type { SyncAnswer, SyncAsk } from './sync.js';

/** What of a ledger has changed since what somebody knows. `not_found` where there is none, or they may not see it. */
export type SyncLedger = Answers<{ type: 'sync_ledger'; by: string; ledger: string } & SyncAsk, SyncAnswer>;

/** What an actor with ledgers tells itself: to tend one, or to say once more how far it goes. */
export interface TendLedger {
  type: 'tend_ledger';
  ledger: string;
  repeats?: true;
}

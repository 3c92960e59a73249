import { Fault } from '../../kernel/errors.js';
import type { LedgerPage } from '../../protocol/ledgers.js';
import type { LivePort } from '../port.js';
import type { LedgerStore } from './ledger-store.js';
import type { TabLeader } from './tab-leader.js';

export interface SyncLedgerInput {
  ledger: string;
  after_rev?: number;
  cursor?: string;
  history?: string;
}

export interface SyncLedgersInput {
  /** -1: nothing is known of it. */
  ledgers: Record<string, number>;
  history?: string;
}

export type LedgerAnswer = LedgerPage & { history: string };

export interface LedgersAnswer {
  ledgers: (LedgerPage & { ledger: string })[];
  /** Of their changes nothing is told. */
  silent: string[];
  gone: string[];
  later: string[];
  history: string;
}

/** What ledgers need of the client. Small, so that tests can stand in for a server. */
export interface LedgersPort extends Pick<LivePort, 'clock' | 'random' | 'memberId' | 'isOnline' | 'on' | 'onOnline'> {
  syncLedger(input: SyncLedgerInput): Promise<LedgerAnswer>;
  syncLedgers(input: SyncLedgersInput): Promise<LedgersAnswer>;
  /** Where a member's ledgers are kept. */
  store(memberId: string): LedgerStore;
  /** This tab among those of the browser in which the member is signed in. */
  tabs(memberId: string): TabLeader;
}

/** The most names in one `sync_ledgers`. */
export const namesAtOnce = 200;

const form = /^(?:me|thread:[0-9a-f]{24}|community:[0-9a-f]{24}(?::[a-z_]{1,32})?)$/;

/** Refuses here what would have the server refuse all the ledgers that are asked for with it. */
export const requireLedgerName = (name: string): void => {
  if (!form.test(name)) throw new Fault('validation_failed', `There can be no ledger named ${JSON.stringify(name).slice(0, 100)}`);
};

import type { Random } from './backoff.js';
import type { Clock } from './clock.js';
import type { DeviceTokenStore } from './device-token.js';
import type { DraftStore } from './draft-store.js';
import type { LedgerStore } from './ledgers/ledger-store.js';
import type { TabLeader } from './ledgers/tab-leader.js';
import type { TokenStore } from './token-store.js';
import type { Dial } from './wire.js';

export interface ClientOptions {
  /** Addresses of the nodes, the first one tried first; '' is the page's own. */
  urls: readonly string[];
  store?: TokenStore;
  device?: DeviceTokenStore;
  clock?: Clock;
  random?: Random;
  fetch?: typeof fetch;
  dial?: Dial;
  /** Where a member's ledgers are kept between two starts; `webLedgerStore` in browsers, in memory unless told. */
  ledgers?: (memberId: string) => LedgerStore;
  /** Where what a member wrote is kept until their ledger has it; `webDrafts` in browsers, in memory unless told. */
  drafts?: (memberId: string) => DraftStore;
  /**
   * Lets one tab of a browser keep ledgers for all of them: `webTab` in browsers; unless told each client does its own.
   */
  tabs?: (memberId: string) => TabLeader;
}

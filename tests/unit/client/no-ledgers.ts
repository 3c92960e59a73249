import type { FollowedLedgers } from '../../../src/client/ledgers/ledger-reading.js';

/** For views whose ledgers are not known. */
export const noLedgers: FollowedLedgers = {
  follow: () => () => undefined,
  state: () => ({ status: 'unknown', rev: -1, items: () => new Map() }),
  onChange: () => () => undefined,
};

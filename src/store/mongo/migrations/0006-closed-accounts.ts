import { buildIndexes } from '../indexes.js';
import type { Migration } from './migration.js';

/** Accounts that were closed before communities heard of it are marked, so that the workers' sweep tells them. */
export const closedAccounts: Migration = {
  version: 6,
  name: 'closed accounts',
  run: async (db) => {
    await buildIndexes(db);
    const unmarked = { is_active: false, account_changed_at: { $exists: false } };
    await db.collection('members').updateMany(unmarked, { $currentDate: { account_changed_at: true } });
  },
};

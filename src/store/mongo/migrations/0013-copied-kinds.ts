import type { Document } from 'mongodb';
import { buildIndexes } from '../indexes.js';
import { type Marked, markAll } from './marking.js';
import type { Migration } from './migration.js';

/**
 * Ledgers of members show their memberships, notifications and sessions. This migration marks as untold those that
 * there are. The workers' sweep tells each member's actor, which copies them: so there is one way by which an item
 * comes to be, and the cluster does not wait for it. Notifications beyond the newest 1,000 of a member are marked too:
 * to find them out costs more than their marks.
 */
export const copiedKinds: Migration = {
  version: 13,
  name: 'memberships, notifications and sessions in ledgers',
  run: async (db, tell) => {
    await buildIndexes(db);
    const living = { ended_at: { $exists: false }, expires_at: { $gt: new Date() } };
    const which: readonly [string, Document][] = [
      ['memberships', { state: 'active' }],
      ['notifications', {}],
      ['sessions', living],
    ];
    let all = 0;
    for (const [name] of which) all += await db.collection(name).estimatedDocumentCount();
    let done = 0;
    for (const [name, those] of which) {
      await markAll(db.collection<Marked>(name), those, (count) => {
        done += count;
        tell(done, Math.max(all, done));
      });
    }
  },
};

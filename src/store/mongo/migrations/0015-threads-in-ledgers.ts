import { buildIndexes } from '../indexes.js';
import { type Marked, markAll } from './marking.js';
import type { Migration } from './migration.js';

/**
 * Ledgers of communities show their open threads. Those that there are, are marked as untold, and the workers' sweep
 * tells each community's actor, which copies them: so there is one way by which an item comes to be, and the cluster
 * does not wait for it.
 */
export const threadsInLedgers: Migration = {
  version: 15,
  name: 'open threads in ledgers of communities',
  run: async (db, tell) => {
    await buildIndexes(db);
    const threads = db.collection<Marked>('threads');
    const all = await threads.estimatedDocumentCount();
    const open = { deleted_at: { $exists: false }, hidden_from: { $exists: false } };
    let done = 0;
    await markAll(threads, open, (count) => {
      done += count;
      tell(done, Math.max(all, done));
    });
  },
};

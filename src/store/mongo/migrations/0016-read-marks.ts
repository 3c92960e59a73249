import { buildIndexes } from '../indexes.js';
import { type Marked, markAll } from './marking.js';
import type { Migration } from './migration.js';

/**
 * Ledgers of members show how far they have read. This migration marks as untold what there is, the oldest first, and
 * the workers' sweep does the rest, as it did with the kinds before: nodes serve meanwhile, and cut off anywhere it is
 * done again.
 */
export const readMarks: Migration = {
  version: 16,
  name: 'read marks in ledgers',
  run: async (db, tell) => {
    await buildIndexes(db);
    const reads = db.collection<Marked>('reads');
    const all = await reads.estimatedDocumentCount();
    let done = 0;
    await markAll(reads, {}, (count) => {
      done += count;
      tell(done, Math.max(all, done));
    });
  },
};

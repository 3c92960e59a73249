import { type Collection, type Document, ObjectId } from 'mongodb';
import { buildIndexes } from '../indexes.js';
import type { Migration } from './migration.js';

/** So many documents are marked by one command. */
const step = 2_000;

interface Marked {
  _id: ObjectId;
  untold?: ObjectId;
}

/** In steps by id; again is harmless. */
const mark = async (collection: Collection<Marked>, which: Document, marked: (count: number) => void): Promise<void> => {
  for (let after: ObjectId | undefined; ; ) {
    const some = await collection
      .find(after ? { _id: { $gt: after } } : {}, { projection: { _id: 1 }, batchSize: step + 1 })
      .sort({ _id: 1 })
      .limit(step)
      .toArray();
    const last = some.at(-1)?._id;
    if (last === undefined) return;
    const range = after ? { $gt: after, $lte: last } : { $lte: last };
    await collection.updateMany({ _id: range, ...which }, { $set: { untold: new ObjectId() } });
    marked(some.length);
    after = last;
  }
};

/**
 * Ledgers of members show their memberships, notifications and sessions. This migration marks as untold those that there are. The
 * workers' sweep tells each member's actor, which copies them: so there is one way by which an item comes to be, and the cluster does
 * not wait for it.
 * Notifications beyond the newest 1,000 of a member are marked too: to find them out costs more than their marks.
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
      await mark(db.collection<Marked>(name), those, (count) => {
        done += count;
        tell(done, Math.max(all, done));
      });
    }
  },
};

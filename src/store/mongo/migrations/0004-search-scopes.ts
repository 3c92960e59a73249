import type { Collection, Filter, ObjectId } from 'mongodb';
import { buildIndexes } from '../indexes.js';
import { dropIndex } from './drop-index.js';
import type { Migration } from './migration.js';

interface Unscoped {
  _id: ObjectId;
  scope?: ObjectId;
}

/** So many documents are changed by one command. */
const step = 2_000;

const withoutScope: Filter<Unscoped> = { scope: { $exists: false }, kind: { $ne: 'removed' } } as Filter<Unscoped>;

/** In steps by id; a crash in between leaves the rest for the next run. */
const giveScopes = async (search: Collection<Unscoped>): Promise<void> => {
  for (let after: ObjectId | undefined; ; ) {
    const some = await search
      .find(after ? { _id: { $gt: after } } : {}, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(step)
      .toArray();
    const last = some.at(-1)?._id;
    if (last === undefined) return;
    const range = after ? { $gt: after, $lte: last } : { $lte: last };
    await search.updateMany({ $and: [{ _id: range }, withoutScope] }, [{ $set: { scope: '$community_id' } }, { $unset: 'text' }]);
    after = last;
  }
};

/**
 * Search looks in scopes, and reads texts where they are kept: each document gets its community for a scope, and loses its
 * text. What a member wrote is looked up by community. A node of the version before that still runs writes documents without a scope: they are
 * found after their next change.
 */
export const searchScopes: Migration = {
  version: 4,
  name: 'search by scopes',
  run: async (db) => {
    await giveScopes(db.collection<Unscoped>('search'));
    await buildIndexes(db);
    await dropIndex(db.collection('search'), 'kind_1_terms_1_created_at_-1__id_-1');
    await dropIndex(db.collection('search'), 'kind_1_created_at_-1__id_-1');
    await dropIndex(db.collection('messages'), 'author_1_created_at_-1__id_-1');
  },
};

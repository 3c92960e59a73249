import type { Db, Document, ObjectId } from 'mongodb';
import type { Migration } from './migration.js';

const step = 500;

/** In each of these communities the first, by joining, of the active members that fit. */
const firstOf = async (db: Db, communities: readonly ObjectId[], fits: Document): Promise<Map<string, ObjectId>> => {
  const found = db
    .collection('memberships')
    .find({ community_id: { $in: [...communities] }, state: 'active', ...fits })
    .sort({ joined_at: 1, member_id: 1 })
    .project<{ community_id: ObjectId; member_id: ObjectId }>({ community_id: 1, member_id: 1 });
  const first = new Map<string, ObjectId>();
  for await (const { community_id, member_id } of found) {
    const id = community_id.toHexString();
    if (!first.has(id)) first.set(id, member_id);
  }
  return first;
};

/**
 * Until here a membership said who owns, and a crash could leave two who do: the earliest of them is the owner. Where there was none, the
 * oldest moderator is, or the oldest member; who founded a community that nobody is in.
 */
const nameOwners = async (db: Db, communities: readonly { _id: ObjectId; created_by: ObjectId }[]): Promise<void> => {
  const owners = new Map<string, ObjectId>();
  for (const fits of [{ role: 'owner' }, { role: 'moderator' }, {}]) {
    const without = communities.filter(({ _id }) => !owners.has(_id.toHexString())).map(({ _id }) => _id);
    if (without.length === 0) break;
    for (const [id, member] of await firstOf(db, without, fits)) owners.set(id, member);
  }
  await db.collection('communities').bulkWrite(
    communities.map(({ _id, created_by }) => ({
      updateOne: {
        filter: { _id, owner_version: { $exists: false } },
        update: { $set: { owner_id: owners.get(_id.toHexString()) ?? created_by, owner_version: 1 } },
      },
    })),
    { ordered: false },
  );
};

/** A community names its owner; memberships say no more who owns. Nodes of the version before must not run meanwhile. */
export const ownersOfCommunities: Migration = {
  version: 3,
  name: 'owners of communities',
  run: async (db) => {
    const communities = db.collection<{ _id: ObjectId; created_by: ObjectId; owner_version?: number }>('communities');
    for (;;) {
      const some = await communities
        .find({ owner_version: { $exists: false } })
        .limit(step)
        .toArray();
      if (some.length === 0) break;
      await nameOwners(db, some);
    }
    // Last, since until a community names its owner this is what tells.
    await db.collection('memberships').updateMany({ role: 'owner' }, { $set: { role: 'moderator' } });
  },
};

import type { Db, Document } from 'mongodb';
import { starterRoleOf } from '../../../authority/roles.js';
import { oid } from '../fields.js';
import { buildIndexes } from '../indexes.js';
import { dropIndex } from './drop-index.js';
import type { Migration } from './migration.js';

const step = 1_000;

/**
 * A membership said `moderator` or `member`; now it names the roles that it gives, and who was a moderator holds the starter role of the
 * community. One that is brought along has no `role` any more, so a run that is begun again goes on with the rest. Nodes of the version
 * before must not run meanwhile.
 */
export const rolesOfMembers: Migration = {
  version: 10,
  name: 'roles of members',
  run: async (db: Db, tell) => {
    await buildIndexes(db);
    const memberships = db.collection<Document>('memberships');
    const moderators = { role: 'moderator' };
    const all = await memberships.countDocuments(moderators);
    for (let done = 0; ; ) {
      const some = await memberships
        .find(moderators, { projection: { community_id: 1 } })
        .limit(step)
        .toArray();
      if (some.length === 0) break;
      await memberships.bulkWrite(
        some.map(({ _id, community_id }) => ({
          updateOne: {
            filter: { _id, ...moderators },
            update: { $set: { roles: [oid(starterRoleOf(community_id.toHexString()))] }, $unset: { role: '' } },
          },
        })),
        { ordered: false },
      );
      done += some.length;
      tell(done, all);
    }
    await memberships.updateMany({ role: { $exists: true } }, { $unset: { role: '' } });
    await dropIndex(memberships, 'community_id_1_role_1');
  },
};

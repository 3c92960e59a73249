import type { Collection, Db } from 'mongodb';
import { firstCommits } from '../../community-items.js';
import type { LedgerCommit, LedgerItemRecord } from '../../contracts.js';
import { insertMissing, upsertAll } from '../bulk.js';
import { type CommunityDocument, toRecord } from '../communities.js';
import { type CommitDocument, commitDocument, type ItemDocument, itemDocument, markId } from '../ledger-documents.js';
import type { Migration } from './migration.js';

const step = 200;

const itemsOf = ({ ledger, rev, changes }: LedgerCommit): LedgerItemRecord[] =>
  changes.flatMap((change) => ('value' in change ? [{ ledger, rev, ...change }] : []));

/** Commits first, then what follows from them, then the word that it is done: cut off anywhere it is done again. */
const begin = async (db: Db, communities: Collection<CommunityDocument>, some: readonly CommunityDocument[]): Promise<void> => {
  // Of one that was deleted nobody reads the ledger.
  const begun = some.map((document) => ({ _id: document._id, commits: document.deleted_at ? [] : firstCommits(toRecord(document)) }));
  const commits = begun.flatMap((one) => one.commits);
  await insertMissing(db.collection<CommitDocument>('ledger_commits'), commits.map(commitDocument));
  const items = db.collection<ItemDocument>('ledger_items');
  await insertMissing(items, commits.flatMap(itemsOf).map(itemDocument));
  await upsertAll(
    items,
    commits.map(({ ledger, rev }) => ({ updateOne: { filter: { _id: markId(ledger) }, update: { $max: { rev } }, upsert: true } })),
  );
  await communities.bulkWrite(
    begun.map(({ _id, commits: { length } }) => ({
      updateOne: {
        filter: { _id },
        update: { $set: { ledger_rev: Math.max(1, length) }, $unset: { owner_version: '', roles_version: '' } },
      },
    })),
    { ordered: false },
  );
};

/**
 * What a community is, who owns it and what its roles are stands in its ledger; its document follows from that.
 * Communities that were there begin theirs with what they are. Nodes of the version before must not run meanwhile.
 */
export const ledgersOfCommunities: Migration = {
  version: 14,
  name: 'ledgers of communities',
  run: async (db, tell) => {
    const communities = db.collection<CommunityDocument>('communities');
    const missing = { ledger_rev: { $exists: false } };
    const all = await communities.countDocuments(missing);
    for (let done = 0; ; ) {
      const some = (await communities.find(missing).limit(step).toArray()) as CommunityDocument[];
      if (some.length === 0) return;
      await begin(db, communities, some);
      done += some.length;
      tell(done, Math.max(all, done));
    }
  },
};

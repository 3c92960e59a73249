import type { AnyBulkWriteOperation, Db, Document } from 'mongodb';
import { distinctTags } from '../../../text/tags.js';
import { communityKeys } from '../communities.js';
import { buildIndexes } from '../indexes.js';
import { memberKeys } from '../member-document.js';
import type { Migration } from './migration.js';

const step = 1_000;

interface Work {
  collection: string;
  /** What the fields are made of: a write stands upon it, so that it undoes no change that a node makes meanwhile. */
  from: readonly string[];
  /** The fields as they shall be. */
  fields: (document: Document) => Document;
}

const works: readonly Work[] = [
  {
    collection: 'members',
    from: ['username', 'full_name'],
    fields: ({ username, full_name }) => memberKeys({ username, full_name: full_name ?? null }),
  },
  {
    collection: 'communities',
    from: ['name', 'tags'],
    fields: ({ name, tags }) => ({ tags: distinctTags(tags ?? []), ...communityKeys({ name, tags: tags ?? [] }) }),
  },
  { collection: 'threads', from: ['tags'], fields: ({ tags }) => ({ tags: distinctTags(tags ?? []) }) },
];

/** Writes what is not as it shall be; so a run that is begun again only reads what the one before it has done. */
const bringAlong = async (db: Db, { collection, from, fields }: Work): Promise<void> => {
  let writes: AnyBulkWriteOperation<Document>[] = [];
  const write = async (): Promise<void> => {
    if (writes.length > 0) await db.collection(collection).bulkWrite(writes, { ordered: false });
    writes = [];
  };
  const probe = fields({ username: '', name: '', tags: [] });
  const projection = Object.fromEntries([...from, ...Object.keys(probe)].map((field) => [field, 1]));
  for await (const document of db.collection(collection).find({}, { projection })) {
    const wanted = fields(document);
    const changed = Object.entries(wanted).filter(([field, value]) => JSON.stringify(document[field]) !== JSON.stringify(value));
    if (changed.length === 0) continue;
    const asRead = Object.fromEntries(from.map((field) => [field, document[field] ?? null]));
    writes.push({ updateOne: { filter: { _id: document._id, ...asRead }, update: { $set: Object.fromEntries(changed) } } });
    if (writes.length === step) await write();
  }
  await write();
};

/**
 * Names and tags are compared folded: keys of members and communities are made anew, and tags that are one when folded
 * become one. A node of the version before that still runs writes the keys it knows: what it writes is found by them
 * after its next change.
 */
export const foldedNames: Migration = {
  version: 9,
  name: 'folded names and tags',
  run: async (db) => {
    await buildIndexes(db);
    for (const work of works) await bringAlong(db, work);
  },
};

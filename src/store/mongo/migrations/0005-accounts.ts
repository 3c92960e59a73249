import type { AnyBulkWriteOperation, Document } from 'mongodb';
import { heldEmails } from '../indexes.js';
import { dropIndex } from './drop-index.js';
import type { Migration } from './migration.js';

const step = 1_000;
/** What an installation has unless it says otherwise. */
const sessionMs = 90 * 86_400_000;

/**
 * E-mails may be those of several members, of whom one holds it: so the index holds those alone who do. Until now everybody held theirs.
 * And sessions have an end that no refresh moves.
 */
export const heldEmailsAndEndsOfSessions: Migration = {
  version: 5,
  name: 'held e-mails and ends of sessions',
  run: async (db) => {
    const members = db.collection('members');
    await members.createIndexes([heldEmails]);
    await dropIndex(members, 'email_key_1');
    const sessions = db.collection('sessions');
    let writes: AnyBulkWriteOperation<Document>[] = [];
    const write = async (): Promise<void> => {
      if (writes.length > 0) await sessions.bulkWrite(writes, { ordered: false });
      writes = [];
    };
    for await (const { _id, created_at } of sessions.find({ ends_at: { $exists: false } })) {
      const ends_at = new Date((created_at as Date).getTime() + sessionMs);
      writes.push({ updateOne: { filter: { _id }, update: { $set: { ends_at }, $min: { expires_at: ends_at } } } });
      if (writes.length === step) await write();
    }
    await write();
  },
};

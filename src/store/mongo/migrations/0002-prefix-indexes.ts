import { dropIndex } from './drop-index.js';
import type { Migration } from './migration.js';

/** Every insert of a message paid for two indexes that others begin with: (thread_id, seq) and (author, created_at). */
export const messagesWithoutPrefixIndexes: Migration = {
  version: 2,
  name: 'messages without prefix indexes',
  run: async (db) => {
    const messages = db.collection('messages');
    await dropIndex(messages, 'thread_id_1');
    await dropIndex(messages, 'author_1');
  },
};

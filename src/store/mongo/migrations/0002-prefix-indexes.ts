import type { Collection } from 'mongodb';
import type { Migration } from './migration.js';

const indexNotFound = new Set([26, 27]);

const drop = async (collection: Collection, name: string): Promise<void> => {
  try {
    await collection.dropIndex(name);
  } catch (error) {
    if (!indexNotFound.has((error as { code?: number }).code ?? 0)) throw error;
  }
};

/** Every insert of a message paid for two indexes that others begin with: (thread_id, seq) and (author, created_at). */
export const messagesWithoutPrefixIndexes: Migration = {
  version: 2,
  name: 'messages without prefix indexes',
  run: async (db) => {
    const messages = db.collection('messages');
    await drop(messages, 'thread_id_1');
    await drop(messages, 'author_1');
  },
};

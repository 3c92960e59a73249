import { MongoClient } from 'mongodb';
import { newId } from '../../src/kernel/ids.js';
import { type MessageDocument, messageDocument } from '../../src/store/mongo/message-document.js';
import { messagesOf } from '../actors/cold-threads.js';

/** Documents in one insertMany, and inserts under way at once. */
const batch = { documents: 2_000, atOnce: 2 };

/** Writes the messages of threads into a database that has no indexes yet: sooner than under them. */
export const writeMessages = async (
  mongoUrl: string,
  database: string,
  community_id: string,
  threads: readonly { id: string; messages: number }[],
  onWritten: (count: number) => void,
): Promise<void> => {
  const now = Date.now();
  const authors = Array.from({ length: 100 }, () => newId(now));
  const parts = threads.flatMap(({ id, messages }) =>
    Array.from({ length: Math.ceil(messages / batch.documents) }, (_, i) => ({ id, messages, from: i * batch.documents + 1 })),
  );
  const client = await new MongoClient(mongoUrl, { writeConcern: { w: 1 } }).connect();
  try {
    const collection = client.db(database).collection<MessageDocument>('messages');
    let written = 0;
    const writer = async (): Promise<void> => {
      for (let part = parts.shift(); part; part = parts.shift()) {
        const { id, messages, from } = part;
        const count = Math.min(batch.documents, messages - from + 1);
        const thread = { id, head_rev: messages, last_seq: messages };
        await collection.insertMany(messagesOf(thread, community_id, authors, now, from, count).map(messageDocument), { ordered: false });
        written += count;
        onWritten(written);
      }
    };
    await Promise.all(Array.from({ length: batch.atOnce }, writer));
  } finally {
    await client.close();
  }
};

import { MongoClient } from 'mongodb';
import type { MessageRecord } from '../../src/store/contracts.js';
import { type MessageDocument, messageDocument } from '../../src/store/mongo/message-document.js';

/** Inserts under way at once. */
const atOnce = 2;

/** Writes messages past the store's own ways, each part in one insertMany; a part is made when its turn comes. */
export const insertMessages = async (
  mongoUrl: string,
  database: string,
  parts: readonly (() => readonly MessageRecord[])[],
  onWritten: (count: number) => void = () => undefined,
): Promise<void> => {
  const client = await new MongoClient(mongoUrl, { writeConcern: { w: 1, journal: true } }).connect();
  try {
    const collection = client.db(database).collection<MessageDocument>('messages');
    let next = 0;
    let written = 0;
    const writer = async (): Promise<void> => {
      for (let part = parts[next++]; part; part = parts[next++]) {
        const messages = part();
        await collection.insertMany(messages.map(messageDocument), { ordered: false });
        written += messages.length;
        onWritten(written);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, writer));
  } finally {
    await client.close();
  }
};

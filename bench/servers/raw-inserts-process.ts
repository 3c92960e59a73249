/** The driver alone: messages by insertMany(500), as fast as the server takes them. */
import { MongoClient } from 'mongodb';
import { newId } from '../../src/kernel/ids.js';
import { buildIndexes } from '../../src/store/mongo/indexes.js';
import { type MessageDocument, messageDocument } from '../../src/store/mongo/message-document.js';
import { contentOf } from '../load/content.js';
import { answerCalls } from '../processes/calls.js';

export interface RawInsertsOrder {
  mongoUrl: string;
  database: string;
  seconds: number;
  /** Batches under way at once. */
  atOnce: number;
  /** With the indexes of our messages; otherwise with none but that of the id. */
  indexes: boolean;
}

const batchSize = 500;
const threadCount = 200;

/** Messages of threads in turn, as we store them. */
const messages = (): (() => MessageDocument[]) => {
  const now = Date.now();
  const threads = Array.from({ length: threadCount }, () => newId(now));
  const community_id = newId(now);
  let number = 0;
  return () =>
    Array.from({ length: batchSize }, () => {
      const at = number++;
      const seq = Math.floor(at / threadCount) + 1;
      const author = threads[(at * 7) % threadCount]!;
      const place = { id: newId(Date.now()), thread_id: threads[at % threadCount]!, community_id, seq, rev: seq, author };
      const none = { edited_at: null, deleted_at: null, reply_to: null, attachments: [], mentions: [], reactions: [] };
      return messageDocument({ ...place, ...none, content: contentOf(1, at, 0), created_at: Date.now(), nonce: `raw-${at}`, epoch: 1 });
    });
};

const run = async ({ mongoUrl, database, seconds, atOnce, indexes }: RawInsertsOrder): Promise<number> => {
  const client = await new MongoClient(mongoUrl, { writeConcern: { w: 1, journal: true } }).connect();
  const db = client.db(database);
  if (indexes) await buildIndexes(db);
  const collection = db.collection<MessageDocument>('messages');
  const batch = messages();
  await collection.insertMany(batch(), { ordered: false });
  const begin = performance.now();
  const until = begin + seconds * 1000;
  let stored = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() < until) {
      await collection.insertMany(batch(), { ordered: false });
      stored += batchSize;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, writer));
  const perSecond = stored / ((performance.now() - begin) / 1000);
  await client.close();
  return perSecond;
};

answerCalls({ run });

import { MongoClient } from 'mongodb';
import type { PeerStart } from './peer-options.js';

/** What a peer keeps of a message. */
export interface PeerDocument {
  thread_id: string;
  author: string;
  content: string;
  nonce: string | null;
  created_at: Date;
}

/** Resolves when it is stored. */
export type PeerStore = (document: PeerDocument) => Promise<void>;

/** Batches under way at once: more make each smaller, and the whole slower. */
const batchesAtOnce = 4;

export const peerStore = async ({ store, mongoUrl, database }: PeerStart): Promise<PeerStore | null> => {
  if (store === 'none') return null;
  const client = await new MongoClient(mongoUrl, { writeConcern: { w: 1, journal: true } }).connect();
  const messages = client.db(database).collection<PeerDocument>('messages');
  if (store === 'insertOne') return async (document) => void (await messages.insertOne(document));
  let waiting: { document: PeerDocument; resolve(): void; reject(error: unknown): void }[] = [];
  let underWay = 0;
  let scheduled = false;
  const schedule = (): void => {
    if (scheduled || waiting.length === 0 || underWay >= batchesAtOnce) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const batch = waiting;
      waiting = [];
      underWay += 1;
      messages
        .insertMany(
          batch.map(({ document }) => document),
          { ordered: false },
        )
        .then(
          () => {
            for (const { resolve } of batch) resolve();
          },
          (error: unknown) => {
            for (const { reject } of batch) reject(error);
          },
        )
        .finally(() => {
          underWay -= 1;
          schedule();
        });
    });
  };
  return (document) =>
    new Promise((resolve, reject) => {
      waiting.push({ document, resolve, reject });
      schedule();
    });
};

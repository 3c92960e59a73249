/** The driver alone: of every thread its document and its newest messages. */
import { type Document, MongoClient, ObjectId } from 'mongodb';
import { answerCalls } from '../processes/calls.js';
import type { ColdThread } from './cold-threads.js';
import { connections, type WakeUp, wakeUp } from './wake-up.js';

export interface RawReadsOrder {
  mongoUrl: string;
  database: string;
  warmUp: readonly ColdThread[];
  threads: readonly ColdThread[];
  /** Of each thread. */
  messages: number;
}

const take = async ({ mongoUrl, database, warmUp, threads, messages }: RawReadsOrder): Promise<WakeUp> => {
  const client = await new MongoClient(mongoUrl, { maxPoolSize: connections }).connect();
  const db = client.db(database);
  const look = async (id: string): Promise<{ head_rev: number; last_seq: number }> => {
    const thread_id = ObjectId.createFromHexString(id);
    const thread = await db.collection('threads').findOne({ _id: thread_id });
    const newest: Document[] = await db.collection('messages').find({ thread_id }).sort({ seq: -1 }).limit(messages).toArray();
    if (!thread || newest.length !== messages) throw new Error('not what was stored');
    return { last_seq: newest[0]!.seq, head_rev: Math.max(...newest.map(({ rev }) => rev)) };
  };
  const first = await wakeUp(warmUp, look);
  const found = await wakeUp(threads, look);
  await client.close();
  return { ...found, wrong: found.wrong + first.wrong };
};

answerCalls({ take });

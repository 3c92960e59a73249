import type { AnyBulkWriteOperation, Db, ObjectId } from 'mongodb';
import { newId } from '../../../kernel/ids.js';
import { tombstone } from '../../tombstone.js';
import { insertMissing } from '../bulk.js';
import { date } from '../fields.js';
import { type MessageDocument, messageDocument } from '../message-document.js';
import type { ThreadDocument } from '../thread-document.js';

const atOnce = 500;

/** Where the stored messages of a thread end, how many there are, and how many of them are not deleted, with the newest one's time. */
interface Stand {
  _id: ObjectId;
  seq: number;
  rev: number;
  stored: number;
  living: number;
  latest: Date | null;
}

const isLiving = { $eq: [{ $type: '$deleted_at' }, 'missing'] };
const stands = {
  _id: '$thread_id',
  seq: { $max: '$seq' },
  rev: { $max: '$rev' },
  stored: { $sum: 1 },
  living: { $sum: { $cond: [isLiving, 1, 0] } },
  latest: { $max: { $cond: [isLiving, '$created_at', null] } },
};

export interface Settled {
  /** Threads whose figures said something else than their messages. */
  threads: number;
  /** Places of messages that stood empty. */
  filled: number;
}

/**
 * Brings threads and messages level that were read at different times. A message that was written while the backup was taken may be there
 * without one before it: its place gets a deleted message, as the thread's owner gives to what a half-done write has left. The figures of
 * a thread say where its messages end: else its owner would not write them again before as many had come. Harmless when repeated.
 */
export const settleThreads = async (db: Db, { now, epoch }: { now: number; epoch: number }): Promise<Settled> => {
  const threads = db.collection<ThreadDocument>('threads');
  const done: Settled = { threads: 0, filled: 0 };
  for (let after: ObjectId | undefined; ; ) {
    const some = await threads
      .find(after ? { _id: { $gt: after } } : {}, { sort: { _id: 1 }, limit: atOnce, batchSize: atOnce + 1 })
      .toArray();
    after = some.at(-1)?._id;
    if (!after) return done;
    const there = some.filter(({ deleted_at }) => deleted_at === undefined);
    const found = await standsOf(db, there);
    const writes: AnyBulkWriteOperation<ThreadDocument>[] = [];
    for (const thread of there) {
      const { _id, floor_seq, floor_rev, created_at } = thread;
      const stand = found.get(_id.toHexString());
      const filled = stand ? await fill(db, thread, stand, { now, epoch }) : 0;
      done.filled += filled;
      const figures = {
        last_seq: Math.max(floor_seq, stand?.seq ?? 0),
        head_rev: Math.max(floor_rev, (stand?.rev ?? 0) + filled),
        message_count: stand?.living ?? 0,
        last_activity: date(Math.max(created_at.getTime(), stand?.latest?.getTime() ?? 0)),
      };
      if (thread.last_seq === figures.last_seq && thread.head_rev === figures.head_rev) continue;
      done.threads++;
      writes.push({ updateOne: { filter: { _id }, update: { $set: figures } } });
    }
    if (writes.length > 0) await threads.bulkWrite(writes, { ordered: false });
  }
};

const standsOf = async (db: Db, threads: readonly ThreadDocument[]): Promise<Map<string, Stand>> => {
  if (threads.length === 0) return new Map();
  const pipeline = [{ $match: { thread_id: { $in: threads.map(({ _id }) => _id) } } }, { $group: stands }];
  const found = await db.collection<MessageDocument>('messages').aggregate<Stand>(pipeline, { allowDiskUse: true }).toArray();
  return new Map(found.map((stand) => [stand._id.toHexString(), stand]));
};

/** Answers how many places were empty. */
const fill = async (db: Db, thread: ThreadDocument, stand: Stand, { now, epoch }: { now: number; epoch: number }): Promise<number> => {
  const { _id, floor_seq } = thread;
  if (stand.stored >= stand.seq - floor_seq) return 0;
  const messages = db.collection<MessageDocument>('messages');
  let empty: number[] = [];
  let filled = 0;
  const write = async (): Promise<void> => {
    const place = { thread_id: _id.toHexString(), community_id: thread.community_id.toHexString(), epoch };
    const made = empty.map((seq, at) => tombstone({ ...place, id: newId(now), seq, rev: stand.rev + filled + at + 1 }, now));
    await insertMissing(messages, made.map(messageDocument));
    filled += empty.length;
    empty = [];
  };
  let expected = floor_seq + 1;
  const seqs = messages.find({ thread_id: _id, seq: { $gt: floor_seq } }, { sort: { seq: 1 }, projection: { seq: 1, _id: 0 } });
  for await (const { seq } of seqs.project<{ seq: number }>({ seq: 1, _id: 0 })) {
    for (; expected < seq; expected++) {
      empty.push(expected);
      if (empty.length === atOnce) await write();
    }
    expected = seq + 1;
  }
  if (empty.length > 0) await write();
  return filled;
};

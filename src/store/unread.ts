import type { MessageRepository, ReadRecord, ThreadRecord } from './contracts.js';

/** How far somebody has read in a thread, and how many messages that are still there came after that. */
export interface Reading {
  read_seq: number;
  unread_count: number;
}

/** A thread's figures, as far as they say what is unread. */
export type Figures = Pick<ThreadRecord, 'id' | 'created_at' | 'last_activity' | 'last_seq' | 'message_count' | 'floor_seq'>;

/** By how much the clocks of two nodes may differ, in ms. */
const skewMs = 5_000;
/** So many deleted messages after a read mark are counted; of more, the rest shows as unread until it is read. */
export const mostCounted = 2_000;

/**
 * How far somebody has read by the record of it, when what came until `since` (ms) is not unread in any case: they
 * joined then, or marked all as read. Undefined: it takes a look at where the thread stood at that time
 * (`MessageRepository.seqAt`). Only a thread that was there before that time, and in which something came after it,
 * ever needs one; and what it finds becomes the record.
 */
export const knownMark = (thread: Figures, read: Pick<ReadRecord, 'seq' | 'at'> | null, since: number | undefined): number | undefined => {
  const seq = read?.seq ?? 0;
  if (since === undefined || seq >= thread.last_seq || thread.created_at >= since) return seq;
  if (read && read.at > since + skewMs) return seq;
  if (thread.last_activity <= since) return thread.last_seq;
  return undefined;
};

/**
 * How many messages after a mark are unread, as far as figures tell: seqs have no hole, so it is a difference as long
 * as nothing was deleted in the thread, nothing came, or nothing was read. Undefined: the deleted ones after the mark
 * have to be counted.
 */
export const knownUnread = (thread: Figures, readSeq: number): number | undefined => {
  const { came, deleted } = since(thread, readSeq);
  if (came === 0 || deleted <= 0) return came;
  if (thread.message_count === 0 || readSeq <= thread.floor_seq) return Math.min(came, thread.message_count);
  return undefined;
};

/** The same when so many deleted ones were counted after the mark. */
export const unreadBeside = (thread: Figures, readSeq: number, deletedAfter: number): number =>
  Math.max(0, Math.min(thread.message_count, since(thread, readSeq).came - deletedAfter));

const since = ({ last_seq, floor_seq, message_count }: Figures, readSeq: number): { came: number; deleted: number } => ({
  came: Math.max(0, last_seq - Math.max(readSeq, floor_seq)),
  deleted: last_seq - floor_seq - message_count,
});

/** What of a thread after a mark is unread, with a count where that has to be. */
export const unreadAfter = async (messages: Pick<MessageRepository, 'countDeleted'>, thread: Figures, readSeq: number): Promise<number> => {
  const known = knownUnread(thread, readSeq);
  if (known !== undefined) return known;
  const place = { after: Math.max(readSeq, thread.floor_seq), upTo: thread.last_seq };
  return unreadBeside(thread, readSeq, await messages.countDeleted(thread.id, place, mostCounted));
};

import type { Thread } from '../protocol/resources.js';

/**
 * A thread when oneself has read it up to seq: what is left unread is at most what came after it. The same thread when it
 * is known to be read so far, or when nothing is known of one's reading.
 */
export const withOwnReading = (thread: Thread, seq: number): Thread => {
  const { me, last_seq } = thread;
  if (!me || seq <= me.read_seq) return thread;
  return { ...thread, me: { read_seq: seq, unread_count: Math.min(me.unread_count, Math.max(0, last_seq - seq)) } };
};

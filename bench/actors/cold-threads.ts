import { systemClock } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import type { MessageRecord, ThreadRecord } from '../../src/store/contracts.js';
import { connectStore } from '../../src/store/mongo/client.js';
import { contentOf } from '../load/content.js';
import { insertMessages } from './insert-messages.js';

/** A thread as it lies in the store, and what its actor must say of it. */
export interface ColdThread {
  id: string;
  head_rev: number;
  last_seq: number;
}

/** Messages in one insertMany, about. */
const together = 2_000;
/** The first messages of most threads were edited: so many threads in turn have 0, 1, 2… of that. */
const edits = 7;

/** Writes threads that nobody has open, with messages and figures in good order, into a database of their own. */
export const writeColdThreads = async (mongoUrl: string, database: string, count: number, messages: number): Promise<ColdThread[]> => {
  const logger = createLogger({ level: 'warn', node: 'bench' });
  const common = { clock: systemClock, logger, telemetry: new Telemetry() };
  const now = Date.now();
  const community_id = newId(now);
  const authors = Array.from({ length: 100 }, () => newId(now));
  const threads = Array.from(
    { length: count },
    (_, i): ColdThread => ({ id: newId(now), last_seq: messages, head_rev: messages + (i % edits) }),
  );
  const threadsTogether = Math.max(1, Math.floor(together / messages));
  const parts = Array.from({ length: Math.ceil(count / threadsTogether) }, (_, i) => {
    const part = threads.slice(i * threadsTogether, (i + 1) * threadsTogether);
    return () => part.flatMap((thread) => messagesOf(thread, community_id, authors, now));
  });
  await insertMessages(mongoUrl, database, parts);
  // Indexes are built upon what is there: sooner than one message at a time.
  const { store, close } = await connectStore({ url: mongoUrl, database, ...common });
  try {
    for (let from = 0; from < count; from += 1_000) {
      await store.threads.putMissing(
        threads.slice(from, from + 1_000).map((thread) => threadRecord(thread, community_id, authors[0]!, now)),
      );
    }
  } finally {
    await close();
  }
  return threads;
};

/** `from`: the first seq, `count`: how many; all that there are unless told otherwise. */
export const messagesOf = (
  { id, head_rev, last_seq }: ColdThread,
  community_id: string,
  authors: readonly string[],
  now: number,
  from = 1,
  count = last_seq,
): MessageRecord[] =>
  Array.from({ length: count }, (_, i) => {
    const seq = from + i;
    const edited = seq <= head_rev - last_seq;
    return {
      ...{ id: newId(now), thread_id: id, community_id, seq, rev: edited ? last_seq + seq : seq, epoch: 1 },
      ...{ author: authors[i % authors.length]!, content: contentOf(i % authors.length, seq, 0), nonce: `cold-${seq}` },
      ...{ created_at: now, edited_at: edited ? now : null, deleted_at: null, reply_to: null },
      ...{ attachments: [], mentions: [], reactions: [] },
    };
  });

const threadRecord = ({ id, head_rev, last_seq }: ColdThread, community_id: string, created_by: string, now: number): ThreadRecord => ({
  ...{ id, community_id, created_by, title: `Thread ${id}`, content: null, tags: [] },
  ...{ created_at: now, updated_at: now, last_activity: now, is_pinned: false, deleted_at: null },
  ...{ message_count: last_seq, last_seq, head_rev, floor_seq: 0, floor_rev: 0 },
});

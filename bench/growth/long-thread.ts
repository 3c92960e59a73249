import { newId } from '../../src/kernel/ids.js';
import { messagesOf } from '../actors/cold-threads.js';
import { insertMessages } from '../actors/insert-messages.js';

/** Messages in one insertMany. */
const together = 2_000;

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
    Array.from({ length: Math.ceil(messages / together) }, (_, i) => () => {
      const from = i * together + 1;
      const thread = { id, head_rev: messages, last_seq: messages };
      return messagesOf(thread, community_id, authors, now, from, Math.min(together, messages - from + 1));
    }),
  );
  await insertMessages(mongoUrl, database, parts, onWritten);
};

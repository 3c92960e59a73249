import type { MessageRepository } from '../../../store/contracts.js';
import type { ThreadLog } from './log.js';
import type { ImportItem } from './messages.js';
import { nonceKey } from './window.js';

/**
 * Puts messages from elsewhere through the thread's log: the same order, the same commit. What an earlier try has stored is
 * known by its nonce and passed over, so an interrupted import is simply made again.
 */
export const importMessages = async (from: {
  items: readonly ImportItem[];
  log: ThreadLog;
  messages: MessageRepository;
  threadId: string;
}): Promise<{ stored: number; known: number }> => {
  const { items, log, messages, threadId } = from;
  // A thread that is in memory as a whole knows all its nonces.
  const there = log.head.seq === log.window.size ? [] : await messages.byNonces(threadId, items);
  const known = new Set(there.map((m) => nonceKey(m.author, m.nonce as string)));
  let stored = 0;
  await Promise.all(
    items
      .filter((item) => !known.has(nonceKey(item.author, item.nonce)))
      .map(
        ({ message_id: id, author, content, at, nonce, mentions, mention_names }) =>
          new Promise<void>((resolve, reject) => {
            const draft = {
              id,
              author,
              content,
              nonce,
              mentions,
              mention_names,
              created_at: at,
              edited_at: null,
              deleted_at: null,
              reply_to: null,
              attachments: [],
              reactions: [],
            };
            log.create(draft, (error, committed) => {
              if (committed?.changed) stored++;
              if (error) reject(error);
              else resolve();
            });
          }),
      ),
  );
  return { stored, known: items.length - stored };
};

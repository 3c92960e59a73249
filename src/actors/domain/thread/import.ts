import type { MessageRepository } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import { draftOf } from './draft.js';
import type { ThreadLog } from './log.js';
import type { Import, ImportItem } from './messages.js';
import type { ThreadNews } from './news.js';
import { nonceKey } from './window.js';

/** Batches of messages from elsewhere. They are not shown one by one: subscribers are told to catch up at the end of each. */
export class Imports {
  /** Those under way. */
  readonly #quiet = new Set<string>();

  constructor(
    private readonly context: ActorContext,
    private readonly log: ThreadLog,
    private readonly messages: MessageRepository,
    private readonly news: ThreadNews,
  ) {}

  /** Answers the running turn's ask when all are durable. */
  begin({ items }: Import): void {
    const reply = this.context.defer();
    const thread_id = this.context.address.key;
    for (const item of items) this.#quiet.add(item.message_id);
    importMessages({ items, log: this.log, messages: this.messages, threadId: thread_id })
      .finally(() => {
        for (const item of items) this.#quiet.delete(item.message_id);
        this.news.publish('resync', { thread_id, head_rev: this.log.head.rev });
      })
      .then(reply.resolve.bind(reply), reply.reject.bind(reply));
  }

  /** Whether a message that has become durable is one of them; asked once of each. */
  took(messageId: string): boolean {
    return this.#quiet.delete(messageId);
  }
}

/**
 * Puts messages from elsewhere through the thread's log: the same order, the same commit. What an earlier try has stored is
 * known by its nonce and passed over, so an interrupted import is simply made again.
 */
const importMessages = async (from: {
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
        ({ message_id, author, content, at, nonce, mentions, mention_names }) =>
          new Promise<void>((resolve, reject) => {
            const said = { by: author, message_id, content, reply_to: null, attachments: [], mentions, mention_names, nonce };
            log.create(draftOf(said, at), (error, committed) => {
              if (committed?.changed) stored++;
              if (error) reject(error);
              else resolve();
            });
          }),
      ),
  );
  return { stored, known: items.length - stored };
};

import { Fault } from '../../../kernel/errors.js';
import type { MessageRepository, ThreadRecord } from '../../../store/contracts.js';
import type { ThreadLog } from './log.js';
import type { Send } from './messages.js';

/**
 * One answers what stands in the thread; whether a message is elsewhere or nowhere is not told. What was deleted is answered no
 * more; an answer that was stored before that, and is sent again, is still the same message.
 */
export const demandAnswerable = async (
  messageId: string,
  { by, nonce }: Pick<Send, 'by' | 'nonce'>,
  { id }: Pick<ThreadRecord, 'id'>,
  log: ThreadLog,
  messages: Pick<MessageRepository, 'byId'>,
): Promise<void> => {
  const original = log.window.get(messageId) ?? (await messages.byId(messageId));
  if (original?.thread_id !== id) {
    const errors = [{ path: 'reply_to', message: 'must be a message of this thread' }];
    throw new Fault('validation_failed', 'The message answers nothing that stands in this thread', { errors });
  }
  if (original.deleted_at === null || (await log.knows(by, nonce))) return;
  throw new Fault('conflict', 'The message that this answers was deleted');
};

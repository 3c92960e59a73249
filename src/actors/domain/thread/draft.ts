import type { Draft } from './log.js';
import type { Send } from './messages.js';

/** A message as it begins, before it has its place in a thread. `at`: when it was said, ms. */
export const draftOf = (said: Omit<Send, 'type'>, at: number): Draft => ({
  id: said.message_id,
  author: said.by,
  content: said.content,
  reply_to: said.reply_to,
  attachments: said.attachments,
  mentions: said.mentions,
  mention_names: said.mention_names,
  nonce: said.nonce,
  created_at: at,
  edited_at: null,
  deleted_at: null,
  reactions: [],
});

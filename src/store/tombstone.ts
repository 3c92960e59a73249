import type { MessageRecord } from './contracts/messages.js';

/** Whose a message is that nobody wrote. */
const nobody = '0'.repeat(24);

/** Fills the place of a write that never came to be, so that no hole stays in seq: a message that was deleted before anyone saw it. */
export const tombstone = (
  place: Pick<MessageRecord, 'id' | 'thread_id' | 'community_id' | 'seq' | 'rev' | 'epoch'>,
  now: number,
): MessageRecord => ({
  ...place,
  author: nobody,
  content: '',
  created_at: now,
  edited_at: null,
  deleted_at: now,
  reply_to: null,
  attachments: [],
  mentions: [],
  reactions: [],
  nonce: null,
});

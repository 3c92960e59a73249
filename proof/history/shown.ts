import { isDeleted, type Message } from '../../src/protocol/resources.js';
import type { StoredMessage } from './history.js';

/** What readers can tell apart: reactions by emoji and count (who sees them decides `me`), times left out. */
const reactionsOf = (message: Message): string =>
  isDeleted(message)
    ? ''
    : message.reactions
        .map(({ emoji, count }) => `${emoji} ${count}`)
        .sort()
        .join();

const storedReactions = (message: StoredMessage): string =>
  message.reactions
    .filter(({ members }) => members.length > 0)
    .map(({ emoji, members }) => `${emoji} ${members.length}`)
    .sort()
    .join();

/** In which way a message that was shown differs from the stored one; undefined: in none. */
export const differenceFromStored = (shown: Message, stored: StoredMessage): string | undefined => {
  if (shown.id !== stored.id) return `is ${shown.id} instead of ${stored.id}`;
  if (shown.seq !== stored.seq) return `has seq ${shown.seq} instead of ${stored.seq}`;
  if (shown.rev !== stored.rev) return `has rev ${shown.rev} instead of ${stored.rev}`;
  if (isDeleted(shown) !== stored.deleted) return stored.deleted ? 'shows a deleted message' : 'shows a message as deleted';
  if (isDeleted(shown)) return undefined;
  if (shown.content !== stored.content) return 'shows another text';
  if (shown.author !== stored.author) return 'shows another author';
  return reactionsOf(shown) === storedReactions(stored) ? undefined : 'shows other reactions';
};

/** In which way two readings of one message differ; undefined: in none. */
export const differenceBetween = (one: Message, other: Message): string | undefined => {
  if (one.id !== other.id) return `${one.id} stands where ${other.id} does`;
  if (one.seq !== other.seq || one.rev !== other.rev) return `seq ${one.seq}, rev ${one.rev} against seq ${other.seq}, rev ${other.rev}`;
  if (isDeleted(one) !== isDeleted(other)) return 'deleted in one of them alone';
  if (isDeleted(one) || isDeleted(other)) return undefined;
  for (const field of ['content', 'author', 'is_edited', 'edited_at', 'reply_to'] as const) {
    if (one[field] !== other[field]) return `${field} differs`;
  }
  if (JSON.stringify([one.mentions, one.mention_names]) !== JSON.stringify([other.mentions, other.mention_names])) return 'mentions differ';
  if (JSON.stringify(one.attachments) !== JSON.stringify(other.attachments)) return 'attachments differ';
  return reactionsOf(one) === reactionsOf(other) ? undefined : 'reactions differ';
};

import type { EventPayload } from '../protocol/events.js';
import type { DeletedMessage, LiveMessage, Message } from '../protocol/resources.js';

export const isDeleted = (message: Message): message is DeletedMessage => 'deleted_at' in message;

/** A reaction as an event names it: whose, which, and whether it was added or taken back. */
export type ReactionChange = NonNullable<EventPayload<'message_updated'>['reaction']>;

/** Where a seq stands, or would stand, in messages ordered by seq. */
const placeOf = (messages: readonly Message[], seq: number): number => {
  let low = 0;
  let high = messages.length;
  // New messages come at the end, so that is looked at first.
  if (high > 0 && messages[high - 1]!.seq < seq) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (messages[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const findBySeq = (messages: readonly Message[], seq: number): Message | undefined => {
  const found = messages[placeOf(messages, seq)];
  return found?.seq === seq ? found : undefined;
};

/**
 * Puts a message in its place by seq. What is held and as new or newer (by rev) stays: a page read earlier may arrive
 * after an event that overtook it.
 */
export const put = (messages: readonly Message[], message: Message): readonly Message[] => {
  const at = placeOf(messages, message.seq);
  const held = messages[at]?.seq === message.seq ? messages[at] : undefined;
  if (held && held.rev >= message.rev) return messages;
  if (at === messages.length) return [...messages, message];
  return held ? messages.with(at, message) : messages.toSpliced(at, 0, message);
};

/** Several at once, in any order. */
export const putAll = (messages: readonly Message[], more: readonly Message[]): readonly Message[] => more.reduce(put, messages);

/**
 * An event's message as its receiver has it. Events are the same for everyone and mark nobody's own reactions, so one's
 * marks come from the message as it was held, and from the reaction that the event names when it is one's own.
 */
export const withOwnMarks = (
  message: Message,
  held: Message | undefined,
  reaction: ReactionChange | undefined,
  memberId: string | null,
): Message => {
  if (isDeleted(message) || message.reactions.length === 0) return message;
  const mine = new Set<string>();
  if (held && !isDeleted(held)) for (const r of held.reactions) if (r.me) mine.add(r.emoji);
  if (reaction && reaction.member_id === memberId) {
    if (reaction.added) mine.add(reaction.emoji);
    else mine.delete(reaction.emoji);
  }
  return { ...message, reactions: message.reactions.map((r) => ({ ...r, me: mine.has(r.emoji) })) } satisfies LiveMessage;
};

import { authorise, type Facts } from '../../../authority/authorise.js';
import { nothingThere } from '../../../authority/decide.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import { bounds } from '../../../protocol/primitives.js';
import type { MessageRecord, Named } from '../../../store/contracts.js';
import { reactionForm } from '../../../text/emoji.js';
import type { Access } from '../community/messages.js';

/**
 * What becomes of a message by an edit, a deletion or a reaction: pure functions from the present record to the next one.
 * Null: it is so already, nothing to write. The next rev is the log's affair. Each throws the Fault the asker gets.
 */

const demandLive = (m: MessageRecord): void => {
  if (m.deleted_at !== null) throw nothingThere();
};

const factsOf = ({ author }: MessageRecord, { member_id }: Access): Facts => ({ member_id, isAuthor: member_id === author });

export const edited = (m: MessageRecord, by: Access, text: { content: string } & Named, now: number): MessageRecord | null => {
  authorise(rules.send_message, by, by, now);
  demandLive(m);
  authorise(rules.edit_message, by, factsOf(m, by), now);
  const { content, mentions, mention_names } = text;
  return m.content === content ? null : { ...m, content, mentions, mention_names, edited_at: now };
};

/** The text, reactions and attachments go; author and nonce stay in the store, so that a retry of the send finds its place taken. */
export const deleted = (m: MessageRecord, by: Access, now: number): MessageRecord | null => {
  authorise(rules.delete_message, by, factsOf(m, by), now);
  if (m.deleted_at !== null) return null;
  return { ...m, content: '', attachments: [], mentions: [], mention_names: undefined, reactions: [], deleted_at: now };
};

export const reacted = (m: MessageRecord, by: Access, given: string, add: boolean, now: number): MessageRecord | null => {
  authorise(rules.react, by, by, now);
  demandLive(m);
  const emoji = reactionForm(given);
  const present = m.reactions.find((r) => r.emoji === emoji);
  const has = present?.members.includes(by.member_id) ?? false;
  if (has === add) return null;
  if (!add) {
    const reactions = m.reactions
      .map((r) => (r.emoji === emoji ? { emoji, members: r.members.filter((id) => id !== by.member_id) } : r))
      .filter((r) => r.members.length > 0);
    return { ...m, reactions };
  }
  if (!present) {
    if (m.reactions.length >= bounds.reactionsPerMessage)
      throw new Fault('conflict', `A message takes at most ${bounds.reactionsPerMessage} different reactions`);
    return { ...m, reactions: [...m.reactions, { emoji, members: [by.member_id] }] };
  }
  if (present.members.length >= bounds.reactorsPerEmoji)
    throw new Fault('conflict', `At most ${bounds.reactorsPerEmoji} members can react alike`);
  return { ...m, reactions: m.reactions.map((r) => (r.emoji === emoji ? { emoji, members: [...r.members, by.member_id] } : r)) };
};

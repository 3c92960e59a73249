import type { ObjectId } from 'mongodb';
import { reactionForm } from '../../text/emoji.js';
import type { MessageRecord } from '../contracts.js';
import { date, dateOrNull, filledOrNull, msOrNull, oid, oids, type Present, present } from './fields.js';

const fieldsOf = (message: MessageRecord) => ({
  thread_id: oid(message.thread_id),
  community_id: oid(message.community_id),
  seq: message.seq,
  rev: message.rev,
  author: oid(message.author),
  content: message.content,
  created_at: date(message.created_at),
  edited_at: dateOrNull(message.edited_at),
  deleted_at: dateOrNull(message.deleted_at),
  reply_to: message.reply_to === null ? null : oid(message.reply_to),
  attachments: message.attachments,
  mentions: oids(message.mentions),
  mention_names: filledOrNull(message.mention_names),
  reactions: message.reactions.map((reaction) => ({ emoji: reaction.emoji, members: oids(reaction.members) })),
  nonce: message.nonce,
  epoch: message.epoch,
});

/** `changed_at`: when it was last written over, by the storing clock; a message as it was first stored has none. */
export type MessageDocument = Present<ReturnType<typeof fieldsOf>> & { _id: ObjectId; changed_at?: Date };

export const messageDocument = (message: MessageRecord): MessageDocument => present({ _id: oid(message.id), ...fieldsOf(message) });

/** Every field as it shall be, null where there shall be none. */
export const changedFields = (message: MessageRecord, at: number) => ({ ...fieldsOf(message), changed_at: date(at) });

/** Most messages have nothing of several kinds; nobody writes into it. */
const none = Object.freeze([]) as unknown as never[];

/** Before emoji had one form, one might be stored as two: whoever reacted by either reacted once. */
const reactionsOf = (stored: MessageDocument['reactions']): MessageRecord['reactions'] => {
  const members = new Map<string, Set<string>>();
  for (const reaction of stored) {
    const emoji = reactionForm(reaction.emoji);
    const all = members.get(emoji) ?? new Set();
    for (const id of reaction.members) all.add(id.toHexString());
    members.set(emoji, all);
  }
  return [...members].map(([emoji, all]) => ({ emoji, members: [...all] }));
};

/** Records of documents, most of which share a thread and authors: each id is kept once for all, since many lie in memory for long. */
export const messageRecords = (documents: readonly MessageDocument[]): MessageRecord[] => {
  const ids = new Map<string, string>();
  const once = (id: string): string => {
    const known = ids.get(id);
    if (known === undefined) ids.set(id, id);
    return known ?? id;
  };
  return documents.map((document) => {
    const record = messageRecord(document);
    record.thread_id = once(record.thread_id);
    record.community_id = once(record.community_id);
    record.author = once(record.author);
    if (record.attachments.length === 0) record.attachments = none;
    if (record.mentions.length === 0) record.mentions = none;
    if (record.reactions.length === 0) record.reactions = none;
    return record;
  });
};

export const messageRecord = (document: MessageDocument): MessageRecord => ({
  id: document._id.toHexString(),
  thread_id: document.thread_id.toHexString(),
  community_id: document.community_id.toHexString(),
  seq: document.seq,
  rev: document.rev,
  author: document.author.toHexString(),
  content: document.content,
  created_at: document.created_at.getTime(),
  edited_at: msOrNull(document.edited_at),
  deleted_at: msOrNull(document.deleted_at),
  reply_to: document.reply_to?.toHexString() ?? null,
  attachments: document.attachments,
  mentions: document.mentions.map((id) => id.toHexString()),
  ...(document.mention_names && { mention_names: document.mention_names }),
  reactions: reactionsOf(document.reactions),
  nonce: document.nonce ?? null,
  epoch: document.epoch,
});

/** About how many bytes a message takes in a command. */
export const messageBytes = (message: MessageRecord): number =>
  400 +
  Buffer.byteLength(message.content) +
  message.mentions.length * 60 +
  message.attachments.reduce((sum, { url, name }) => sum + 100 + url.length + name.length * 3, 0) +
  message.reactions.reduce((sum, { members }) => sum + 100 + members.length * 20, 0);

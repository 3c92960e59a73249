import { z } from 'zod';
import { bit, signedIn } from '../../authority/allow.js';
import { rules } from '../../authority/rules.js';
import { defineOperation } from '../../catalogue/operation.js';
import { thread as inThread } from '../../catalogue/place.js';
import { bounds, emoji, givenEmoji, id, nonce, pageInput, seq, text } from '../../protocol/primitives.js';
import { liveMessage, message, newMessage, page, pageOfMany } from '../../protocol/resources.js';

const place = ({ thread_id }: { thread_id: string }) => inThread(thread_id);
const byMessage = z.strictObject({ message_id: id });
const one = z.object({ message });
const its = { method: 'patch', path: '/messages/:message_id', status: 200 } as const;
const reaction = '/messages/:message_id/reactions/:emoji';

export const listMessages = defineOperation({
  name: 'list_messages',
  tag: 'messages',
  summary: 'A page of history: the newest, or before, after or around a seq; ascending',
  place,
  allow: bit('read_history'),
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({
    thread_id: id,
    ...pageInput,
    before_seq: seq.optional(),
    after_seq: seq.optional(),
    around_seq: seq.optional(),
  }),
  answer: page(message),
  rest: { method: 'get', path: '/messages/thread/:thread_id', status: 200 },
  example: { before_seq: 100, limit: 20 },
});

export const sendMessage = defineOperation({
  name: 'send_message',
  tag: 'messages',
  summary: 'Send; answered once it is durable. The same nonce gives the first message again',
  place,
  allow: rules.send_message,
  decided_by: 'thread',
  limit: 'send',
  repeat: 'by nonce',
  input: z.strictObject({ thread_id: id, ...newMessage, nonce: nonce.optional() }),
  // Whoever holds a connection sends again when it is lost.
  needed: { socket: ['nonce'], websocket: ['nonce'] },
  answer: message,
  wrapped: 'message',
  rest: { method: 'post', path: '/messages/thread/:thread_id', status: 201, alsoStatus: 200 },
  example: { content: 'Ferns, mostly.', nonce: 'a1b2c3' },
});

export const listReplies = defineOperation({
  name: 'list_replies',
  tag: 'messages',
  summary: 'Replies to a message, oldest first',
  place,
  allow: bit('read_history'),
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ thread_id: id, message_id: id, ...pageInput }),
  answer: page(message),
  rest: { method: 'get', path: '/messages/thread/:thread_id/replies/:message_id', status: 200 },
  example: {},
});

export const getMessage = defineOperation({
  name: 'get_message',
  tag: 'messages',
  summary: 'One message',
  allow: bit('read_history'),
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: byMessage,
  answer: message,
  rest: { method: 'get', path: '/messages/:message_id', status: 200 },
  example: {},
});

export const editMessage = defineOperation({
  name: 'edit_message',
  tag: 'messages',
  summary: "Replace a message's text",
  allow: rules.edit_message,
  decided_by: 'thread',
  limit: 'send',
  repeat: 'same',
  input: z.strictObject({ message_id: id, content: text(1, bounds.content) }),
  answer: message,
  wrapped: 'message',
  rest: { ...its, aliases: [{ method: 'put', path: its.path }] },
  example: { content: 'Ferns and hostas.' },
});

export const deleteMessage = defineOperation({
  name: 'delete_message',
  tag: 'messages',
  summary: 'Delete a message; its place in the thread stays. Answers what is left of it',
  allow: rules.delete_message,
  decided_by: 'thread',
  limit: 'send',
  repeat: 'same',
  audited: true,
  input: byMessage,
  answer: message,
  wrapped: 'message',
  rest: { method: 'delete', path: its.path, status: 200 },
  example: {},
});

export const addReaction = defineOperation({
  name: 'add_reaction',
  tag: 'messages',
  summary: 'React to a message with one emoji; twice is once',
  allow: rules.react,
  decided_by: 'thread',
  limit: 'react',
  repeat: 'same',
  input: z.strictObject({ message_id: id, emoji }),
  answer: one,
  rest: { method: 'put', path: reaction, status: 200 },
  example: { emoji: '👍' },
});

export const removeReaction = defineOperation({
  name: 'remove_reaction',
  tag: 'messages',
  summary: 'Take a reaction back',
  allow: rules.react,
  decided_by: 'thread',
  limit: 'react',
  repeat: 'same',
  input: z.strictObject({ message_id: id, emoji: givenEmoji }),
  answer: one,
  rest: { method: 'delete', path: reaction, status: 200 },
  example: { emoji: '👍' },
});

export const syncThread = defineOperation({
  name: 'sync_thread',
  tag: 'messages',
  summary: 'What changed after a rev: each message once, in its present state. `complete: false`: ask again from the last rev',
  place,
  allow: rules.sync_thread,
  decided_by: 'thread',
  limit: 'read',
  // Without it a connection is worth little.
  work: 'connect',
  repeat: 'read',
  input: z.strictObject({ thread_id: id, after_rev: seq }),
  answer: z.object({
    messages: z.array(message).meta({ description: `By rev, ascending; at most ${bounds.syncPage}` }),
    head_rev: seq,
    complete: z.boolean(),
  }),
  rest: { method: 'get', path: '/threads/:thread_id/changes', status: 200 },
  example: { after_rev: 0 },
});

export const getMemberActivity = defineOperation({
  name: 'get_member_activity',
  tag: 'members',
  summary: 'Recent messages of a member that one may see, newest first',
  allow: signedIn,
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ member_id: id, ...pageInput }),
  answer: pageOfMany(liveMessage),
  rest: { method: 'get', path: '/members/:member_id/activity', status: 200 },
  example: {},
});

import { z } from 'zod';
import type { LimitName, Permission } from './access.js';
import { bounds, emoji, givenEmoji, id, nonce, seq, text, timestamp } from './primitives.js';
import { read, readAll } from './reads.js';
import { community, member, message, newMessage, notification, presence, thread } from './resources.js';

/** The socket door: what a client may send (with the data of its acknowledgement) and what the server sends. */

export interface ClientEvent<P extends z.ZodType = z.ZodType, D extends z.ZodType = z.ZodType> {
  summary: string;
  payload: P;
  data: D;
  permission: Permission;
  limit: LimitName;
}
const event = <P extends z.ZodType, D extends z.ZodType>(e: ClientEvent<P, D>): ClientEvent<P, D> => e;

const nothing = z.object({});
const one = z.object({ message });
const messages = z.array(message).meta({ description: `By rev, ascending; at most ${bounds.syncPage}` });

export const clientEvents = {
  join_community: event({
    summary: "Subscribe to a community's events",
    payload: z.strictObject({ community_id: id }),
    data: z.object({ community }),
    permission: 'community_member',
    limit: 'read',
  }),
  leave_community: event({
    summary: "Stop a community's events",
    payload: z.strictObject({ community_id: id }),
    data: nothing,
    permission: 'signed_in',
    limit: 'read',
  }),
  join_thread: event({
    summary: "Subscribe to a thread's events and catch up: what changed after after_rev, or the newest page",
    payload: z.strictObject({ thread_id: id, after_rev: seq.optional() }),
    data: z.object({ thread, head_rev: seq, last_seq: seq, messages, complete: z.boolean() }),
    permission: 'community_member',
    limit: 'read',
  }),
  leave_thread: event({
    summary: "Stop a thread's events",
    payload: z.strictObject({ thread_id: id }),
    data: nothing,
    permission: 'signed_in',
    limit: 'read',
  }),
  sync_thread: event({
    summary: 'What changed after a rev: each message once, in its present state. `complete: false`: ask again from the last rev',
    payload: z.strictObject({ thread_id: id, after_rev: seq }),
    data: z.object({ messages, head_rev: seq, complete: z.boolean() }),
    permission: 'community_see',
    limit: 'read',
  }),
  send_message: event({
    summary: 'Send; acknowledged once it is durable. The same nonce gives the first message again',
    payload: z.strictObject({ thread_id: id, ...newMessage, nonce }),
    data: one,
    permission: 'community_post',
    limit: 'send',
  }),
  edit_message: event({
    summary: 'Replace the text of a message of one’s own',
    payload: z.strictObject({ message_id: id, content: text(1, bounds.content) }),
    data: one,
    permission: 'message_author',
    limit: 'send',
  }),
  delete_message: event({
    summary: 'Delete a message; its place in the thread stays',
    payload: z.strictObject({ message_id: id }),
    data: one,
    permission: 'message_author_or_moderator',
    limit: 'send',
  }),
  add_reaction: event({
    summary: 'React to a message with one emoji; twice is once',
    payload: z.strictObject({ message_id: id, emoji }),
    data: one,
    permission: 'community_post',
    limit: 'react',
  }),
  remove_reaction: event({
    summary: 'Take a reaction back',
    payload: z.strictObject({ message_id: id, emoji: givenEmoji }),
    data: one,
    permission: 'community_post',
    limit: 'react',
  }),
  mark_read: event({
    summary: 'Everything up to seq has been read, or all of the thread with its notifications; the cursor never goes back',
    payload: z.strictObject({ thread_id: id, seq: read.seq }),
    data: read.answer,
    permission: 'community_member',
    limit: 'signal',
  }),
  mark_all_read: event({
    summary: "Everything in a community, or in all of one's communities, has been read, with its notifications",
    payload: readAll.input,
    data: readAll.answer,
    permission: 'signed_in',
    limit: 'write',
  }),
  typing: event({
    summary: `Shows others that one is typing; ends by itself after ${bounds.typingMs / 1000} s`,
    payload: z.strictObject({ thread_id: id }),
    data: nothing,
    permission: 'community_post',
    limit: 'signal',
  }),
  stop_typing: event({
    summary: 'Ends the mark at once',
    payload: z.strictObject({ thread_id: id }),
    data: nothing,
    permission: 'community_post',
    limit: 'signal',
  }),
} as const;

export type ClientEventName = keyof typeof clientEvents;
export type Payload<E extends ClientEventName> = z.input<(typeof clientEvents)[E]['payload']>;
export type AckData<E extends ClientEventName> = z.output<(typeof clientEvents)[E]['data']>;

export interface ServerEvent<P extends z.ZodType = z.ZodType> {
  summary: string;
  to: string;
  payload: P;
}
const sent = <P extends z.ZodType>(to: string, summary: string, payload: P): ServerEvent<P> => ({ to, summary, payload });
const threadRoom = "the thread's subscribers";
const communityRoom = "the community's subscribers";

export const serverEvents = {
  new_message: sent(threadRoom, 'A message was created', z.object({ message })),
  message_updated: sent(
    threadRoom,
    'A message was edited or reacted to',
    z.object({
      message,
      reaction: z
        .object({ emoji: z.string(), member_id: id, added: z.boolean() })
        .optional()
        .meta({ description: 'Set when the change is a reaction, so that a client can keep its own `me` marks' }),
    }),
  ),
  message_deleted: sent(threadRoom, 'A message was deleted', z.object({ message })),
  typing: sent("the thread's other subscribers", 'Someone types', z.object({ thread_id: id, member_id: id })),
  stop_typing: sent("the thread's other subscribers", 'Someone stopped typing', z.object({ thread_id: id, member_id: id })),
  read_receipt: sent(threadRoom, 'Someone has read up to seq', z.object({ thread_id: id, member_id: id, seq, at: timestamp })),
  new_thread: sent(communityRoom, 'A thread was begun', z.object({ thread })),
  thread_updated: sent(communityRoom, 'A thread was changed, pinned, or has new activity', z.object({ thread })),
  thread_deleted: sent(communityRoom, 'A thread was deleted', z.object({ community_id: id, thread_id: id })),
  member_joined: sent(communityRoom, 'Someone joined', z.object({ community_id: id, member })),
  member_left: sent(communityRoom, 'Someone left, was removed or was banned', z.object({ community_id: id, member_id: id })),
  community_updated: sent(communityRoom, 'The community was changed', z.object({ community })),
  community_deleted: sent(communityRoom, 'The community was deleted', z.object({ community_id: id })),
  presence: sent(communityRoom, "A member's presence changed (coalesced)", z.object({ member_id: id, presence })),
  notification: sent("the member's own devices", 'A mention or a reply', z.object({ notification })),
  resync: sent(
    'a subscriber that may have missed something',
    'Call sync_thread from the rev one has',
    z.object({ thread_id: id, head_rev: seq }),
  ),
  draining: sent(
    'everyone on a node that is stopping',
    'Reconnect after so many ms; another node takes over',
    z.object({ retry_after_ms: z.int() }),
  ),
  session_ended: sent("the session's sockets", 'The session is over; the socket closes', z.object({ reason: z.string() })),
} as const;

/** `batchEvent`. */
export const batch = sent(
  'sockets that asked for it: `auth: {token, pack: 1}`',
  'Events of one moment, oldest first: each as its name and its payload',
  z.array(z.tuple([z.string(), z.unknown()])),
);

export type ServerEventName = keyof typeof serverEvents;
export type EventPayload<E extends ServerEventName> = z.output<(typeof serverEvents)[E]['payload']>;

/** The typed maps that Socket.IO's own types take on both sides. */
export type Ack<D> = { ok: true; data: D } | { ok: false; error: import('./problem.js').FaultJson };
export type ClientToServer = { [E in ClientEventName]: (payload: Payload<E>, ack: (answer: Ack<AckData<E>>) => void) => void };
export type ServerToClient = { [E in ServerEventName]: (payload: EventPayload<E>) => void };

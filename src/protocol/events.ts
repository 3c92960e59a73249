import { z } from 'zod';
import { ledgerChanged } from './ledgers.js';
import { id, seq, timestamp } from './primitives.js';
import { community, communityRole, member, message, notification, permission, presence, role, thread, threadHead } from './resources.js';

/** What the server tells those who have subscribed. What a client may ask for is in the catalogue. */

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
  new_thread: sent(
    communityRoom,
    'A thread was begun, or one may view it from now on. A thread that one knows already is taken as its newest state',
    z.object({ thread }),
  ),
  thread_updated: sent(communityRoom, 'A thread was changed, pinned, or has new activity', z.object({ thread })),
  thread_deleted: sent(
    communityRoom,
    'A thread was deleted, or one may not view it any more',
    z.object({ community_id: id, thread_id: id }),
  ),
  thread_heads: sent(
    'those who asked for heads (`sync_heads`), of all of their communities; they hear `thread_deleted` and `community_deleted` too',
    'Threads have new activity; heads of one community and moment come together. One with no heads: some were left out, call sync_heads',
    z.object({ community_id: id, heads: z.array(threadHead) }),
  ),
  member_joined: sent(communityRoom, 'Someone joined', z.object({ community_id: id, member })),
  member_left: sent(communityRoom, 'Someone left, was removed or was banned', z.object({ community_id: id, member_id: id })),
  community_updated: sent(communityRoom, 'The community was changed', z.object({ community })),
  roles_changed: sent(
    communityRoom,
    'Roles were made, changed, deleted or moved: these are all',
    z.object({ community_id: id, roles: z.array(communityRole) }),
  ),
  member_roles_changed: sent(
    communityRoom,
    'Someone was given a role or lost one, or owns the community or no longer does',
    z.object({
      community_id: id,
      member_id: id,
      role,
      roles: z.array(id),
      permissions: z.array(permission).meta({ description: 'What they hold in the community, a mute aside' }),
    }),
  ),
  community_deleted: sent(communityRoom, 'The community was deleted', z.object({ community_id: id })),
  presence: sent(communityRoom, "A member's presence changed (coalesced)", z.object({ member_id: id, presence })),
  member_updated: sent(
    `${communityRoom}; the member's own devices`,
    'What a member is called, looks like or says of themselves was changed. A hint: the next answer that has it says it too',
    z.object({ member }),
  ),
  notification: sent("the member's own devices", 'A mention or a reply', z.object({ notification })),
  ledger_changed: sent(
    'those who have synced the ledger through this connection',
    'Items of a ledger changed. Apply it when you know after_rev; when you know less, call sync_ledger',
    ledgerChanged,
  ),
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

export type Ack<D> = { ok: true; data: D } | { ok: false; error: import('./problem.js').FaultJson };
/** The typed map that Socket.IO's own types take on both sides. */
export type ServerToClient = { [E in ServerEventName]: (payload: EventPayload<E>) => void };

import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { rules } from '../../authority/rules.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { thread } from '../../catalogue/place.js';
import { id, seq, timestamp } from '../../protocol/primitives.js';

export const readItem = defineItem({
  kind: 'read',
  ledger: 'me',
  summary: "How far one has marked a thread as read, by thread; what one's membership says of its community counts besides",
  value: z.object({ community_id: id, last_read_seq: seq }),
  most: { items: 1_000, valueBytes: 96 },
  windowed: true,
});

export const markRead = defineOperation({
  name: 'mark_read',
  tag: 'threads',
  summary: 'Everything up to seq has been read, or all of the thread with its notifications; the cursor never goes back',
  place: ({ thread_id }) => thread(thread_id),
  allow: rules.mark_read,
  decided_by: 'thread',
  limit: 'signal',
  // Like what is said it is kept, unlike other signals.
  work: 'send',
  repeat: 'same',
  input: z.strictObject({
    thread_id: id,
    seq: seq.optional().meta({ description: 'Up to this one; absent: all of the thread, and its notifications' }),
  }),
  answer: z.object({ read_seq: seq }),
  rest: { method: 'put', path: '/threads/:thread_id/read', status: 200 },
  example: { seq: 42 },
});

export const markAllRead = defineOperation({
  name: 'mark_all_read',
  tag: 'threads',
  summary: "Everything in a community, or in all of one's communities, has been read, with its notifications",
  allow: signedIn,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ community_id: id.optional().meta({ description: "Absent: all of one's communities" }) }),
  answer: z.object({
    read_at: timestamp.meta({ description: 'What came until then is read' }),
    notifications: z.int().min(0).meta({ description: 'How many of them were marked' }),
  }),
  rest: { method: 'post', path: '/reads', status: 200 },
  example: {},
});

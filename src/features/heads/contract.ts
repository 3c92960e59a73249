import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineOperation } from '../../catalogue/operation.js';
import { id, pageInput, timestamp } from '../../protocol/primitives.js';
import { threadHead } from '../../protocol/resources.js';

/** Heads in one answer. */
export const mostHeads = 500;
/** Of all, when nobody says since when. */
export const newestHeads = 1_000;

export const syncHeads = defineOperation({
  name: 'sync_heads',
  tag: 'live',
  summary:
    "Where the threads that one may view in all of one's communities stand, latest activity first. Through a connection it subscribes " +
    'to `thread_heads` of these communities as well: ask again after joining one',
  allow: signedIn,
  decided_by: 'operation',
  limit: 'read',
  // Without it a connection is worth little.
  work: 'connect',
  repeat: 'read',
  input: z.strictObject({
    since: timestamp.optional().meta({
      description: `The \`at\` of an earlier answer: what has moved since. Absent: the ${newestHeads} that moved last`,
    }),
    cursor: pageInput.cursor,
    limit: z
      .int()
      .min(1)
      .max(mostHeads)
      .optional()
      .meta({ description: `${mostHeads} unless told` }),
  }),
  answer: z.object({
    heads: z.array(threadHead.extend({ community_id: id })),
    at: timestamp.meta({ description: 'To ask with next time, when the last page has come; the same on all pages' }),
    next_cursor: z.string().nullable(),
    partial: z
      .literal(true)
      .optional()
      .meta({ description: 'One is in hundreds of communities: these are of those in which something happened last' }),
  }),
  rest: { method: 'get', path: '/heads', status: 200 },
  example: {},
});

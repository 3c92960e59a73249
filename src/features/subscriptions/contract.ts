import { z } from 'zod';
import { memberOf, signedIn } from '../../authority/allow.js';
import { defineOperation } from '../../catalogue/operation.js';
import { community as inCommunity, thread as inThread } from '../../catalogue/place.js';
import { bounds, id, seq } from '../../protocol/primitives.js';
import { community, message, thread } from '../../protocol/resources.js';

const without = { rest: 'what is told afterwards needs a connection that stays open' };
const nothing = z.object({});

export const joinCommunity = defineOperation({
  name: 'join_community',
  also: ['subscribe_community'],
  tag: 'live',
  summary: "Subscribe to a community's events",
  place: ({ community_id }) => inCommunity(community_id),
  allow: memberOf,
  decided_by: 'community',
  limit: 'read',
  work: 'connect',
  repeat: 'same',
  input: z.strictObject({ community_id: id }),
  answer: z.object({ community }),
  without,
  example: {},
});

export const leaveCommunity = defineOperation({
  name: 'leave_community',
  tag: 'live',
  summary: "Stop a community's events",
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  // Leaving makes the node's work less.
  work: null,
  repeat: 'same',
  input: z.strictObject({ community_id: id }),
  answer: nothing,
  without,
  example: {},
});

export const joinThread = defineOperation({
  name: 'join_thread',
  also: ['subscribe_thread'],
  tag: 'live',
  summary: "Subscribe to a thread's events and catch up: what changed after after_rev, or the newest page",
  place: ({ thread_id }) => inThread(thread_id),
  allow: memberOf,
  decided_by: 'community',
  limit: 'read',
  work: 'connect',
  repeat: 'same',
  input: z.strictObject({ thread_id: id, after_rev: seq.optional() }),
  answer: z.object({
    thread,
    head_rev: seq,
    last_seq: seq,
    messages: z.array(message).meta({ description: `By rev, ascending; at most ${bounds.syncPage}` }),
    complete: z.boolean(),
  }),
  without,
  example: {},
});

export const leaveThread = defineOperation({
  name: 'leave_thread',
  tag: 'live',
  summary: "Stop a thread's events",
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  work: null,
  repeat: 'same',
  input: z.strictObject({ thread_id: id }),
  answer: nothing,
  without,
  example: {},
});

import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineOperation } from '../../catalogue/operation.js';
import { id, pageInput, query, timestamp } from '../../protocol/primitives.js';
import { messageHit, pageOfMany, thread } from '../../protocol/resources.js';

export const searchMessages = defineOperation({
  name: 'search_messages',
  tag: 'messages',
  summary:
    "Messages in one's communities, or in the one that is named: best first. " +
    'Words are stemmed and may begin others; "quoted words" are a phrase; -word excludes',
  allow: signedIn,
  decided_by: 'community',
  limit: 'search',
  repeat: 'read',
  input: z.strictObject({
    ...pageInput,
    q: query,
    community_id: id.optional(),
    thread_id: id.optional(),
    author: id.optional(),
    before: timestamp.optional(),
    after: timestamp.optional(),
  }),
  answer: pageOfMany(messageHit),
  rest: { method: 'get', path: '/messages/search', status: 200 },
  example: { q: 'fern' },
});

export const searchThreads = defineOperation({
  name: 'search_threads',
  tag: 'threads',
  summary: "Threads in one's communities, or in the one that is named: best first",
  allow: signedIn,
  decided_by: 'community',
  limit: 'search',
  repeat: 'read',
  input: z.strictObject({ ...pageInput, q: query, community_id: id.optional() }),
  answer: pageOfMany(thread),
  rest: { method: 'get', path: '/threads/search', status: 200 },
  example: { q: 'shade' },
});

import { z } from 'zod';
import { read, readAll } from '../reads.js';
import { byThread, route } from './route.js';

export const readRoutes = {
  markRead: route({
    method: 'put',
    path: '/threads/:thread_id/read',
    tag: 'threads',
    summary: 'Everything up to seq has been read, or all of the thread with its notifications; the cursor never goes back',
    permission: 'community_member',
    limit: 'signal',
    status: 200,
    params: byThread,
    body: z.strictObject({ seq: read.seq }),
    answer: read.answer,
  }),
  markAllRead: route({
    method: 'post',
    path: '/reads',
    tag: 'threads',
    summary: "Everything in a community, or in all of one's communities, has been read, with its notifications",
    permission: 'signed_in',
    limit: 'write',
    status: 200,
    body: readAll.input,
    answer: readAll.answer,
  }),
} as const;

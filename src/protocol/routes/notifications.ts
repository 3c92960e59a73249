import { z } from 'zod';
import { bounds, id, pageQuery, queryFlag } from '../primitives.js';
import { notification, page } from '../resources.js';
import { route } from './route.js';

export const notificationRoutes = {
  listNotifications: route({
    method: 'get',
    path: '/notifications',
    tag: 'notifications',
    summary: "One's notifications, newest first; those that lead nowhere any more are not among them",
    permission: 'signed_in',
    limit: 'read',
    status: 200,
    query: z.strictObject({ ...pageQuery, unread: queryFlag.optional() }),
    answer: page(notification).extend({
      unread_count: z
        .int()
        .min(0)
        .max(bounds.unreadCounted)
        .meta({ description: `How many are unread in all; it counts to ${bounds.unreadCounted} and no further` }),
    }),
  }),
  readNotifications: route({
    method: 'post',
    path: '/notifications/read',
    tag: 'notifications',
    summary: 'Mark as read: the ones named and those of the thread named, or all when neither is named',
    permission: 'signed_in',
    limit: 'write',
    status: 200,
    bodyBytes: 64_000,
    body: z.strictObject({ ids: z.array(id).max(1000).optional(), thread_id: id.optional() }),
    answer: z.object({ read: z.int() }),
  }),
} as const;

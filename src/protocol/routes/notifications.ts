import { z } from 'zod';
import { id, pageQuery, queryFlag } from '../primitives.js';
import { notification, page } from '../resources.js';
import { route } from './route.js';

export const notificationRoutes = {
  listNotifications: route({
    method: 'get',
    path: '/notifications',
    tag: 'notifications',
    summary: "One's notifications, newest first",
    permission: 'signed_in',
    limit: 'read',
    status: 200,
    query: z.strictObject({ ...pageQuery, unread: queryFlag.optional() }),
    answer: page(notification),
  }),
  readNotifications: route({
    method: 'post',
    path: '/notifications/read',
    tag: 'notifications',
    summary: 'Mark as read: the ones named, or all',
    permission: 'signed_in',
    limit: 'write',
    status: 200,
    bodyBytes: 64_000,
    body: z.strictObject({ ids: z.array(id).max(1000).optional() }),
    answer: z.object({ read: z.int() }),
  }),
} as const;

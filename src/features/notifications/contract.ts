import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { bounds, id, pageInput } from '../../protocol/primitives.js';
import { notification, page } from '../../protocol/resources.js';

export const notificationItem = defineItem({
  kind: 'notification',
  ledger: 'me',
  summary: "One of one's newest 1,000 notifications, by its id",
  value: notification,
  most: { items: 1_000, valueBytes: 400 },
  windowed: true,
});

export const listNotifications = defineOperation({
  name: 'list_notifications',
  tag: 'notifications',
  summary: "One's notifications, newest first; those that lead nowhere any more are not among them",
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ ...pageInput, unread: z.boolean().optional() }),
  answer: page(notification).extend({
    unread_count: z
      .int()
      .min(0)
      .max(bounds.unreadCounted)
      .meta({ description: `How many are unread in all; it counts to ${bounds.unreadCounted} and no further` }),
  }),
  rest: { method: 'get', path: '/notifications', status: 200 },
  example: { unread: true },
});

export const readNotifications = defineOperation({
  name: 'read_notifications',
  tag: 'notifications',
  summary: 'Mark as read: the ones named and those of the thread named, or all when neither is named',
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ ids: z.array(id).max(1000).optional(), thread_id: id.optional() }),
  answer: z.object({ read: z.int() }),
  rest: { method: 'post', path: '/notifications/read', status: 200, bodyBytes: 64_000 },
  example: {},
});

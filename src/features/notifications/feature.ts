import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { listNotifications, notificationItem, readNotifications } from './contract.js';
import { Notifications } from './notifications.js';

/**
 * What concerns a member: mentions and replies. Workers write them from the log, once each; here they are listed and marked as read.
 * What leads nowhere any more is not shown. Marking twice is marking once.
 */
export const notifications = defineFeature({
  name: 'notifications',
  needs: [],
  operations: [
    bind(listNotifications, (caller, input, { ports }) => ports.one(Notifications).list(caller, input)),
    bind(readNotifications, (caller, input, { ports }) => ports.one(Notifications).markRead(caller, input)),
  ],
  items: [notificationItem],
});

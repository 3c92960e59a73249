import { z } from 'zod';
import { bit, signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { ifRev } from '../../protocol/ledgers.js';
import { notificationLevel, notificationLevelKind } from '../../protocol/notification-levels.js';
import { placeName } from '../../protocol/place-name.js';

export const levelBounds = {
  /** Of one member. */
  levels: 1_000,
  /** Of one value as JSON. */
  valueBytes: 128,
} as const;

const levelOfPlace = notificationLevel.extend({ place: placeName });
export type LevelOfPlace = z.output<typeof levelOfPlace>;

export const notificationLevelItem = defineItem({
  kind: notificationLevelKind,
  ledger: 'me',
  summary: 'What one wants to hear of a place, by the name of the place. Absent: all of it',
  value: notificationLevel,
  most: { items: levelBounds.levels, valueBytes: levelBounds.valueBytes },
});

export const listNotificationLevels = defineOperation({
  name: 'list_notification_levels',
  tag: 'notifications',
  summary: 'Places of which one wants to hear less than all; what was said of a place stays until it is taken back',
  allow: signedIn,
  decided_by: 'user',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({}),
  answer: z.object({ items: z.array(levelOfPlace) }),
  rest: { method: 'get', path: '/notification_levels', status: 200 },
  example: {},
});

const { level, muted_until } = notificationLevel.shape;

export const setNotificationLevel = defineOperation({
  name: 'set_notification_level',
  tag: 'notifications',
  summary:
    'Say what one wants to hear of a community or a thread. What is said of a thread goes before what is said of its community. ' +
    '`all` and not muted takes back what was said, also of a place that one may not view any more',
  allow: bit('view'),
  decided_by: 'operation',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ place: placeName, level, muted_until: muted_until.optional(), if_rev: ifRev }),
  answer: levelOfPlace,
  rest: { method: 'put', path: '/notification_levels/:place', status: 200 },
  example: { level: 'mentions', muted_until: null },
});

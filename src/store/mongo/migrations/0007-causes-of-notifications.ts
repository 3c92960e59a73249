import { buildIndexes } from '../indexes.js';
import type { Migration } from './migration.js';

/** Notifications are looked up by what they are about, and by the place that they are in. */
export const causesOfNotifications: Migration = { version: 7, name: 'causes of notifications', run: buildIndexes };

import { buildIndexes } from '../indexes.js';
import type { Migration } from './migration.js';

/** An index of deleted messages, by which they are left out of what is unread. */
export const indexOfDeletedMessages: Migration = { version: 8, name: 'index of deleted messages', run: buildIndexes };

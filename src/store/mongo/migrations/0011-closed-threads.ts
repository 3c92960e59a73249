import { buildIndexes } from '../indexes.js';
import type { Migration } from './migration.js';

/** Closed threads are looked up by whom they are seen and where they are. There are none yet: no document changes. */
export const indexesOfClosedThreads: Migration = { version: 11, name: 'indexes of closed threads', run: buildIndexes };

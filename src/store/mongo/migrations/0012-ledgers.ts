import { buildIndexes } from '../indexes.js';
import type { Migration } from './migration.js';

/** Commits and items of ledgers have collections of their own. There are none yet: no document changes. */
export const indexesOfLedgers: Migration = { version: 12, name: 'indexes of ledgers', run: buildIndexes };

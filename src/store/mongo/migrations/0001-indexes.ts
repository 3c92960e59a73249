import { buildIndexes } from '../indexes.js';
import type { Migration } from './migration.js';

export const indexesOfTheBeginning: Migration = { version: 1, name: 'indexes', run: buildIndexes };

import { features } from '../../src/features/index.js';
import { inventory } from './inventory.js';
import { operationTable } from './operation-table.js';

/** Every generated file of the tree, by its path, as it must be. */
export const generated = (): Record<string, string> => ({
  'src/client/operation-table.ts': operationTable(features),
  'docs/inventory.md': inventory(features),
});

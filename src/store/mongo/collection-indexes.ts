import type { Db, IndexDescription } from 'mongodb';
import type { CollectionDefinition, IndexStatement } from '../collections/statement.js';
import { mayBeNull } from '../collections/stored.js';
import { storedName } from './collection-document.js';

const indexOf = (definition: CollectionDefinition, { on, unique }: IndexStatement<string>): IndexDescription => {
  const fields = Object.keys(on);
  const key = Object.fromEntries(Object.entries(on).map(([field, direction]) => [storedName(definition, field), direction as 1 | -1]));
  if (!unique) return { key };
  // What is null is not stored: without this, two records that both lack a field would be one too many.
  const nullable = fields.filter((field) => mayBeNull(definition.schema.shape[field]!));
  const partialFilterExpression = Object.fromEntries(nullable.map((field) => [field, { $exists: true }]));
  return { key, unique, ...(nullable.length > 0 && { partialFilterExpression }) };
};

/** The indexes of a stated collection, in the order of the statement. */
export const indexesOf = (definition: CollectionDefinition): IndexDescription[] =>
  Object.values(definition.indexes).map((index) => indexOf(definition, index));

/** Those of them that are not among what was built, each as it is noted. */
export const missingOf = (definition: CollectionDefinition, built: readonly string[] = []): string[] =>
  indexesOf(definition)
    .map((index) => JSON.stringify(index))
    .filter((index) => !built.includes(index));

/** Builds what is missing; what is there already stays. Answers what is to be noted. May take minutes on a large collection. */
export const buildCollection = async (db: Db, definition: CollectionDefinition): Promise<string[]> => {
  const indexes = indexesOf(definition);
  if (indexes.length > 0) await db.collection(definition.name).createIndexes(indexes);
  return indexes.map((index) => JSON.stringify(index));
};

import type { z } from 'zod';
import type { CollectionDefinition } from './statement.js';
import { isScalar, mayBeNull } from './stored.js';

/** Names of collections that the store has beside those that are stated. */
const taken = new Set([
  'members',
  'communities',
  'memberships',
  'threads',
  'messages',
  'reads',
  'notifications',
  'search',
  'progress',
  'sessions',
  'refresh_tokens',
  'epochs',
  'migrations',
]);

const plainName = /^[a-z][a-z_]*$/;

/** Throws, with a sentence that says what is wrong, for a statement that could not be carried out. */
export const demandSound = (definition: CollectionDefinition): void => {
  for (const why of defectsOf(definition)) throw new Error(`The collection ${definition.name} ${why}`);
};

/** Each by its name. Throws when two have the same one. */
export const collectionsByName = (definitions: readonly CollectionDefinition[]): Map<string, CollectionDefinition> => {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  if (byName.size === definitions.length) return byName;
  const twice = definitions.find((definition) => byName.get(definition.name) !== definition);
  throw new Error(`The collection ${twice?.name ?? definitions[0]?.name} is stated twice`);
};

/** The definition, if it is one of those that the store was opened with: else a start without it would have made no index. */
export const demandStated = (stated: ReadonlyMap<string, CollectionDefinition>, definition: CollectionDefinition): void => {
  if (stated.get(definition.name) !== definition) throw new Error(`The store was not opened with the collection ${definition.name}`);
};

const defectsOf = ({ name, schema, key, indexes, queries }: CollectionDefinition): string[] => {
  const shape = schema.shape as Record<string, z.ZodType>;
  const strange = (field: string): boolean => !Object.hasOwn(shape, field);
  const nullable = (field: string): boolean => mayBeNull(shape[field]!);
  const defects: string[] = [];
  if (!plainName.test(name)) defects.push('is not named in small letters');
  if (taken.has(name)) defects.push('has the name of one that is made by hand');
  if (strange(key) || nullable(key)) defects.push(`has no field ${key} in each record to be named by`);
  if (Object.hasOwn(shape, '_id')) defects.push('has a field _id, which is the name of its key in the store');
  for (const [field, one] of Object.entries(shape)) {
    if (mayBeNull(one) && one.safeParse(undefined).success) defects.push(`has a field ${field} that may be null and may be missing`);
  }
  for (const [index, { on }] of Object.entries(indexes)) {
    const fields = Object.keys(on);
    if (index === 'key') defects.push('has an index named key, which is the name of the key');
    if (fields.length === 0 || fields.some(strange)) defects.push(`has an index ${index} on fields that are not in it`);
    else if (!fields.every((field) => isScalar(shape[field]!))) defects.push(`has an index ${index} on lists or objects`);
  }
  if (defects.length > 0) return defects;
  for (const [query, { index, equal, range }] of Object.entries(queries)) {
    const stated = indexes[index];
    const fields = Object.keys(stated?.on ?? {});
    const order = fields.slice(equal.length);
    if (!stated) defects.push(`asks ${query} of an index that it does not have`);
    else if (equal.some((field, at) => fields[at] !== field)) defects.push(`asks ${query} for fields that do not begin its index`);
    else if (range && order.length === 0) defects.push(`bounds ${query} by no field`);
    else if (order.some(nullable)) defects.push(`puts ${query} in the order of a field that may be null`);
    else if (!stated.unique && fields.at(-1) !== key)
      defects.push(`cannot go on with ${query}: its index neither is unique nor ends with ${key}`);
    else if (stated.unique && fields.some(nullable)) {
      if (equal.length < fields.length) defects.push(`asks ${query} of an index that holds no record in which a field is null`);
    }
  }
  return defects;
};

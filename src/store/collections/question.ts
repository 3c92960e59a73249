import type { CollectionDefinition } from './statement.js';

/** What every interpreter is asked, whatever the collection's types. */
export interface PlainAsk {
  where: Readonly<Record<string, unknown>>;
  from?: unknown;
  below?: unknown;
  after?: Readonly<Record<string, unknown>> | undefined;
}

/** A query with what it is asked, resolved against its index. */
export interface Question {
  index: string;
  equal: readonly (readonly [field: string, value: unknown])[];
  /** Of its first field, where it is bounded. */
  range: { field: string; from: unknown; below: unknown } | undefined;
  order: readonly { field: string; direction: 1 | -1 }[];
  after: Readonly<Record<string, unknown>> | undefined;
}

/** Most records that one call brings or removes. */
const mostAtOnce = 1_000;

/** Throws for what the statement does not know: a defect, which the types refuse. */
export const questionOf = ({ name, schema, indexes, queries }: CollectionDefinition, query: string, ask: PlainAsk): Question => {
  const stated = queries[query];
  if (!stated) throw new Error(`The collection ${name} has no query ${query}`);
  const fields = Object.entries(indexes[stated.index]!.on) as [string, 1 | -1][];
  const order = fields.slice(stated.equal.length).map(([field, direction]) => ({
    field,
    direction: stated.backwards ? (-direction as 1 | -1) : direction,
  }));
  const isBounded = ask.from !== undefined || ask.below !== undefined;
  if (isBounded && !stated.range) throw new Error(`The query ${query} of ${name} has no bounds`);
  const isUnique = indexes[stated.index]!.unique === true;
  const equal = stated.equal.map((field) => [field, schema.shape[field]!.parse(ask.where[field])] as const);
  if (isUnique && equal.some(([, value]) => value === null)) throw new Error(`The query ${query} of ${name} finds no record by null`);
  return {
    index: stated.index,
    equal,
    range: isBounded ? { field: order[0]!.field, from: ask.from, below: ask.below } : undefined,
    order,
    after: ask.after,
  };
};

/** Throws for a number of records that is none, or beyond what one call may take. */
export const demandBound = (count: number): void => {
  if (!Number.isInteger(count) || count < 1 || count > mostAtOnce) throw new Error(`${count} records are not 1 to ${mostAtOnce}`);
};

/** Fields that make a record the only one of its kind: `update` may set none of them. */
const fixedFields = ({ key, indexes }: CollectionDefinition): Set<string> =>
  new Set([key, ...Object.values(indexes).flatMap(({ on, unique }) => (unique ? Object.keys(on) : []))]);

/** Fields that are set, parsed one by one. Throws for none, for one that is not there, and for one that is fixed. */
export const changesOf = (definition: CollectionDefinition, set: object): Record<string, unknown> => {
  const fixed = fixedFields(definition);
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw new Error(`Nothing is set in ${definition.name}`);
  return Object.fromEntries(
    given.map(([field, value]) => {
      if (fixed.has(field)) throw new Error(`The field ${field} of ${definition.name} cannot be changed`);
      const schema = definition.schema.shape[field];
      if (!schema) throw new Error(`The collection ${definition.name} has no field ${field}`);
      return [field, schema.parse(value)];
    }),
  );
};

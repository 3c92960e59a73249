import fc from 'fast-check';
import { z } from 'zod';
import type { CollectionDefinition } from '../../../src/store/collection.js';

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  maxItems?: number;
  minItems?: number;
  properties?: Record<string, Schema>;
}

/** Values of a JSON Schema, as far as collections use it. Throws for what it does not know, so that nothing is tested by half. */
const valuesOf = (schema: Schema): fc.Arbitrary<unknown> => {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valuesOf));
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1e9, Number.MAX_SAFE_INTEGER) });
    case 'string': {
      if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern));
      return fc.string({ unit: 'grapheme', minLength: schema.minLength ?? 0, maxLength: Math.floor((schema.maxLength ?? 40) / 4) });
    }
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 3, 5) });
    case 'object':
      return fc.record(Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, of]) => [name, valuesOf(of)])));
    default:
      throw new Error(`Nothing can be made for ${JSON.stringify(schema)}`);
  }
};

/** Records that fit a collection's schema. */
export const recordsOf = ({ schema }: CollectionDefinition): fc.Arbitrary<Record<string, unknown>> =>
  (valuesOf(z.toJSONSchema(schema) as Schema) as fc.Arbitrary<Record<string, unknown>>).filter(
    (record) => schema.safeParse(record).success,
  );

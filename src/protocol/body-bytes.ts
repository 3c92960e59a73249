import { z } from 'zod';

interface Shape {
  [key: string]: unknown;
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  maxLength?: number;
  maxItems?: number;
  items?: Shape;
  properties?: Record<string, Shape>;
}

/** Whether a part of a request has no fields at all. */
export const isEmpty = (schema: z.ZodType): boolean =>
  schema.def.type === 'object' && Object.keys((schema as z.ZodObject).shape).length === 0;

/** A UTF-16 unit that is written as an escape. */
const escapedUnit = 6;
/** Ids, names and times say their form and not their length. */
const unitsOfForm = 64;
/** For line ends and indents, which some clients write. */
const roomForSpace = 1_024;

const written = (value: unknown): number => JSON.stringify(value).length * escapedUnit;

const largest = (shape: Shape, named: Record<string, Shape>): number => {
  if (shape.$ref !== undefined) return largest(named[shape.$ref.split('/').at(-1) ?? ''] ?? {}, named);
  const choices = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])];
  if (choices.length > 0) return Math.max(...choices.map((choice) => largest(choice, named)));
  if (shape.const !== undefined) return written(shape.const);
  if (shape.enum) return Math.max(...shape.enum.map(written));
  if (shape.type === 'string') return (shape.maxLength ?? unitsOfForm) * escapedUnit + 2;
  if (shape.type === 'array') return (shape.maxItems ?? 0) * (largest(shape.items ?? {}, named) + 2) + 2;
  if (shape.type === 'object') {
    return Object.entries(shape.properties ?? {}).reduce((sum, [key, value]) => sum + written(key) + largest(value, named) + 3, 2);
  }
  return 32;
};

/** Enough for whoever writes a small body with much space. */
const common = 64_000;
/** For a route that takes none: `{}`, which some clients send all the same. */
const empty = 64;

/**
 * The largest body that a route can need, in bytes: everything that its schema takes, each character escaped, and not less than most
 * routes have. More is not read.
 */
export const bodyBytesOf = (route: { body: z.ZodType; bodyBytes?: number }): number => {
  if (route.bodyBytes !== undefined) return route.bodyBytes;
  if (isEmpty(route.body)) return empty;
  const { $defs, ...shape } = z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' }) as Shape & {
    $defs?: Record<string, Shape>;
  };
  return Math.max(common, largest(shape, $defs ?? {}) + roomForSpace);
};

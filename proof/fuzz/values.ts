import fc, { type Arbitrary } from 'fast-check';
import type { Json } from './documents.js';

/** Where values that fit a schema come from. */
export interface Sources {
  resolve(ref: string): Json;
  /** Ids for a field of this name: mostly of such things, one's own and others', and some of other kinds and of nothing. */
  ids(name: string): readonly string[];
}

const deepest = 6;
const longest = 4_000;

/** Values that fit a JSON Schema, as the node's documents write them. */
export const fitting = (schema: Json, sources: Sources, name = '', depth = 0): Arbitrary<unknown> => {
  if (typeof schema.$ref === 'string')
    return depth > deepest ? fc.constant(null) : fitting(sources.resolve(schema.$ref), sources, name, depth + 1);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choice = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (choice) return fc.oneof(...choice.map((one) => fitting(one, sources, name, depth + 1)));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => fitting({ ...schema, type }, sources, name, depth)));
  switch (schema.type) {
    case 'string':
      return text(schema, sources.ids(name));
    case 'integer':
    case 'number':
      return number(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(fitting((schema.items ?? {}) as Json, sources, name, depth + 1), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 5), 12),
      });
    case 'object':
      return object(schema, sources, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
};

const text = (schema: Json, ids: readonly string[]): Arbitrary<string> => {
  const {
    pattern,
    format,
    minLength = 0,
    maxLength = 60,
  } = schema as { pattern?: string; format?: string; minLength?: number; maxLength?: number };
  if (pattern === '^[0-9a-f]{24}$') return fc.constantFrom(...ids);
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === 'email') return fc.emailAddress({ size: 'small' });
  if (format === 'uri') return fc.webUrl();
  if (pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(pattern)).map((matching) => matching.slice(0, maxLength));
    } catch {
      // A form that the generator does not know: any text, which is then refused.
    }
  }
  const { example } = schema as { example?: unknown };
  const examples = typeof example === 'string' ? [{ weight: 5, arbitrary: fc.constant(example) }] : [];
  const most = Math.min(maxLength, longest);
  const edges = fc.constantFrom(minLength, most).map((length) => 'x'.repeat(length));
  return fc.oneof(
    ...examples,
    {
      weight: 5,
      arbitrary: fc.string({ minLength: Math.min(Math.max(minLength, 1), most), maxLength: Math.min(most, 40), unit: 'grapheme' }),
    },
    edges,
  );
};

const number = ({ type, minimum, maximum }: Json): Arbitrary<number> => {
  const [low, high] = [Number(minimum ?? -1_000), Number(maximum ?? 1_000)];
  const near = fc.integer({ min: Math.max(low, -1_000), max: Math.min(high, 1_000) });
  return type === 'integer'
    ? fc.oneof({ weight: 4, arbitrary: near }, fc.constantFrom(low, high))
    : fc.double({ min: low, max: high, noNaN: true });
};

const object = (schema: Json, sources: Sources, depth: number): Arbitrary<unknown> => {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const required = new Set((schema.required ?? []) as string[]);
  const model = Object.fromEntries(properties.map(([name, one]) => [name, fitting(one, sources, name, depth + 1)]));
  return fc.record(model, { requiredKeys: properties.map(([name]) => name).filter((name) => required.has(name)), noNullPrototype: true });
};

const long = fc.constantFrom(33, 65, 201, 257, 1_025, 10_001, 70_000).map((length) => 'x'.repeat(length));
const marks = [
  '\u0000',
  '\u202e',
  '\u200b',
  '\ud800',
  '\udfff',
  '\ufeff',
  '😀',
  'İ',
  'ﬀ',
  '\r\n',
  '$where',
  '__proto__',
  "'",
  '../../',
  '%00',
  '<svg onload=1>',
];
/** Texts that are fit for nothing. */
export const hostileText: Arbitrary<string> = fc.oneof(
  long,
  fc.array(fc.constantFrom(...marks, 'a', ' ', '@', '.', '*', '(', '['), { maxLength: 20 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', ' ', 'null', 'undefined', 'NaN', '-1', '1e999', '0x10', '[object Object]', 'f'.repeat(24), '0'.repeat(24), '%', '..'),
);

const nested = fc.tuple(fc.constantFrom(30, 100, 500), fc.boolean()).map(([depth, inArrays]) => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = inArrays ? [value] : { a: value };
  return value;
});
/** Values that are fit for nothing. */
export const hostile: Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(
    null,
    true,
    0,
    -0,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    -(2 ** 63),
    1e308,
    5e-324,
    [],
    {},
    [[]],
    { $ne: null },
    { $gt: '' },
    { length: 1e9 },
  ),
  fc.constantFrom({ toString: 1 }, { constructor: { prototype: { admin: true } } }, { toJSON: 'x' }, { _placeholder: true, num: 0 }),
  fc.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 0, maxLength: 200 }),
  nested,
  fc.jsonValue({ maxDepth: 3 }),
);

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'role',
  'owner',
  'id',
  'author',
  'seq',
  'rev',
  'created_at',
  '$where',
  'a.b',
  '',
  'toString',
];
/** One change of a value: what stands somewhere in it is replaced, left out, wrapped, doubled, or gets a neighbour. */
export interface Mutation {
  place: number;
  how: 'replace' | 'remove' | 'add' | 'wrap' | 'edge';
  name: string;
  value: unknown;
}
export const mutation: Arbitrary<Mutation> = fc.record(
  {
    place: fc.nat(30),
    how: fc.constantFrom('replace', 'remove', 'add', 'wrap', 'edge'),
    name: fc.constantFrom(...names),
    value: hostile,
  },
  { noNullPrototype: true },
);

type Place = { holder: Record<string, unknown>; key: string };
const placesIn = (value: unknown, holder: Record<string, unknown>, key: string, depth = 0): Place[] => [
  { holder, key },
  ...(typeof value === 'object' && value !== null && depth < deepest
    ? Object.entries(value).flatMap(([name, one]) => placesIn(one, value as Record<string, unknown>, name, depth + 1))
    : []),
];

export const mutated = (value: unknown, mutations: readonly Mutation[]): unknown => {
  const root: Record<string, unknown> = { it: structuredClone(value) };
  for (const { place, how, name, value: shared } of mutations) {
    const other = structuredClone(shared);
    const places = placesIn(root.it, root, 'it').slice(0, 200);
    const { holder, key } = places[place % places.length] ?? { holder: root, key: 'it' };
    const now = holder[key];
    if (how === 'replace') holder[key] = other;
    else if (how === 'wrap') holder[key] = [now, now];
    else if (how === 'remove') delete holder[key];
    else if (how === 'edge') holder[key] = typeof now === 'string' ? now + 'x'.repeat(2_000) : typeof now === 'number' ? -now - 0.5 : other;
    else {
      const into = typeof now === 'object' && now !== null ? now : holder;
      // Also `__proto__` becomes a key of its own, as in what JSON.parse makes.
      Object.defineProperty(into, name, { value: other, enumerable: true, configurable: true, writable: true });
    }
  }
  return root.it;
};

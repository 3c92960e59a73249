import { z } from 'zod';
import { id } from '../../protocol/primitives.js';

/** How a field is kept where the store has more than JSON. */
export type Form = 'id' | 'time' | 'plain';

/** An id of 24 hex digits, kept as half as many bytes. */
export const storedId = id;

/** Ms since 1970, kept as a date. */
export const storedTime = z.int().min(0).max(8_640_000_000_000_000).meta({ description: 'ms since 1970' });

interface Wrapping {
  innerType?: z.ZodType;
  element?: z.ZodType;
}

/** Of a field at the record's top, or of the items of a list there. What is deeper is kept as it is. */
export const formOf = (schema: z.ZodType): Form => {
  if (schema === storedId) return 'id';
  if (schema === storedTime) return 'time';
  const { innerType, element } = schema.def as unknown as Wrapping;
  const within = innerType ?? element;
  return within ? formOf(within) : 'plain';
};

const scalars = new Set(['string', 'number', 'boolean', 'enum', 'literal']);

/** Whether it is one value, that an index can order. */
export const isScalar = (schema: z.ZodType): boolean => {
  const { innerType } = schema.def as unknown as Wrapping;
  return innerType ? isScalar(innerType) : scalars.has(schema.def.type);
};

/** Whether the field may be null. */
export const mayBeNull = (schema: z.ZodType): boolean => schema.safeParse(null).success;

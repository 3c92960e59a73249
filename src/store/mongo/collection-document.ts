import type { Document } from 'mongodb';
import type { z } from 'zod';
import type { CollectionDefinition } from '../collection.js';
import { type Form, formOf, mayBeNull } from '../collections/stored.js';
import { date, oid } from './fields.js';

/** What a field is called in the store: the key is `_id`. */
export const storedName = ({ key }: CollectionDefinition, field: string): string => (field === key ? '_id' : field);

interface Field {
  field: string;
  stored: string;
  form: Form;
  mayBeNull: boolean;
}

const written = (form: Form, value: unknown): unknown => {
  if (form === 'plain' || value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => written(form, item));
  return form === 'id' ? oid(value as string) : date(value as number);
};

const read = (form: Form, value: unknown): unknown => {
  if (form === 'plain' || value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => read(form, item));
  return form === 'id' ? String(value) : (value as Date).getTime();
};

/** Records of a stated collection as documents, and back. */
export class CollectionDocuments {
  readonly #definition: CollectionDefinition;
  readonly #fields: readonly Field[];
  readonly #byName: ReadonlyMap<string, Field>;

  constructor(definition: CollectionDefinition) {
    this.#definition = definition;
    this.#fields = Object.entries(definition.schema.shape as Record<string, z.ZodType>).map(([field, schema]) => ({
      field,
      stored: storedName(definition, field),
      form: formOf(schema),
      mayBeNull: mayBeNull(schema),
    }));
    this.#byName = new Map(this.#fields.map((field) => [field.field, field]));
  }

  /** What is null is left out. Throws for a record that does not fit. */
  document(record: object): Document {
    const parsed = this.#definition.schema.parse(record) as Record<string, unknown>;
    const document: Document = {};
    for (const { field, stored, form } of this.#fields) {
      const value = parsed[field];
      if (value !== null && value !== undefined) document[stored] = written(form, value);
    }
    return document;
  }

  /** Throws for a document that does not fit: a defect. */
  record(document: Document): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const { field, stored, form, mayBeNull } of this.#fields) {
      const value = read(form, document[stored]);
      if (value !== undefined) record[field] = value;
      else if (mayBeNull) record[field] = null;
    }
    return this.#definition.schema.parse(record);
  }

  /** A field's value as it is stored. */
  value(field: string, value: unknown): unknown {
    return written(this.#byName.get(field)?.form ?? 'plain', value);
  }

  /** Values by field, as they are stored. */
  values(fields: object): Document {
    return Object.fromEntries(
      Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([field, value]) => [storedName(this.#definition, field), this.value(field, value)]),
    );
  }

  /** Whether a key has the form of one: what has not names nothing. */
  isKey(key: string): boolean {
    return this.#definition.schema.shape[this.#definition.key]!.safeParse(key).success;
  }
}

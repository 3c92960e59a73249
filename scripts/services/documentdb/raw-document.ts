import { onDemand } from 'bson';

/** A top-level field of a document that is still bytes. `at` is where the field starts (its type byte), `end` is behind its value. */
export interface RawField {
  name: string;
  type: number;
  at: number;
  value: number;
  end: number;
}

const bsonString = 2;

/** The top-level fields, in order; nested documents are not entered. */
export const rawFields = (document: Buffer): RawField[] => {
  const fields: RawField[] = [];
  for (const [type, nameAt, nameLength, value, length] of onDemand.parseToElements(document)) {
    fields.push({ name: document.toString('utf8', nameAt, nameAt + nameLength), type, at: nameAt - 1, value, end: value + length });
  }
  return fields;
};

/** The text of a field, when it holds one. */
export const rawString = (document: Buffer, field: RawField | undefined): string | undefined =>
  field?.type === bsonString ? document.toString('utf8', field.value + 4, field.end - 1) : undefined;

/** The same document without some of its fields. */
export const withoutFields = (document: Buffer, fields: RawField[], dropped: ReadonlySet<string>): Buffer => {
  if (!fields.some((field) => dropped.has(field.name))) return document;
  let length = 5;
  for (const field of fields) if (!dropped.has(field.name)) length += field.end - field.at;
  const kept = Buffer.allocUnsafe(length);
  kept.writeInt32LE(length, 0);
  let at = 4;
  for (const field of fields) if (!dropped.has(field.name)) at += document.copy(kept, at, field.at, field.end);
  kept[at] = 0;
  return kept;
};

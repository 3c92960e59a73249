import { ObjectId } from 'mongodb';

/** How records are written down: ObjectIds for ids, Dates for times, and no field where the record has null. */

export const oid = (hex: string): ObjectId => ObjectId.createFromHexString(hex);
export const oids = (hexes: readonly string[]): ObjectId[] => hexes.map(oid);
export const date = (ms: number): Date => new Date(ms);
export const dateOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
export const msOrNull = (at: Date | undefined): number | null => at?.getTime() ?? null;

/** A list that is not stored while nothing is in it. */
export const filledOrNull = <T>(list: T[] | undefined): T[] | null => (list && list.length > 0 ? list : null);

type NullKeys<T> = { [K in keyof T]: null extends T[K] ? K : never }[keyof T];

/** A document's type from its fields: what may be null may be missing. */
export type Present<T> = Omit<T, NullKeys<T>> & { [K in NullKeys<T> & keyof T]?: Exclude<T[K], null> };

/** Leaves out what is null, so that partial indexes hold only what matters. */
export const present = <T extends object>(fields: T): Present<T> => {
  const kept: Record<string, unknown> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== null && value !== undefined) kept[key] = value;
  }
  return kept as Present<T>;
};

/** The update that brings a document to these fields: null takes a field away, undefined leaves it alone. */
export const changesTo = (fields: object): { $set?: object; $unset?: Record<string, ''> } => {
  const set: Record<string, unknown> = {};
  const unset: Record<string, ''> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value === null) unset[key] = '';
    else set[key] = value;
  }
  return {
    ...(Object.keys(set).length > 0 && { $set: set }),
    ...(Object.keys(unset).length > 0 && { $unset: unset }),
  };
};

export const isEmpty = (object: object): boolean => Object.keys(object).length === 0;

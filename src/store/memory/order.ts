/** Ascending order of two sort keys. */
export const ascending = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** What of a listing comes behind a place in it, in order, at most so many. */
export const behind = <T>(
  items: Iterable<T>,
  order: (a: T, b: T) => number,
  isBehind: ((item: T) => boolean) | undefined,
  limit: number,
): T[] =>
  [...items]
    .filter((item) => !isBehind || isBehind(item))
    .sort(order)
    .slice(0, limit)
    .map((item) => structuredClone(item));

/** Newest first, then by id descending, as all listings by time are. */
export const newestFirst = (a: { created_at: number; id: string }, b: { created_at: number; id: string }): number =>
  b.created_at - a.created_at || ascending(b.id, a.id);

export const copyOrNull = <T>(record: T | undefined): T | null => (record === undefined ? null : structuredClone(record));

/** The changed record under the same id, null when there is none. Fields that are undefined stay as they are. */
export const patched = <T extends { id: string }>(records: Map<string, T>, id: string, patch: NoInfer<Partial<T>>): T | null => {
  const record = records.get(id);
  if (!record) return null;
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<T>;
  const changed = structuredClone({ ...record, ...given });
  records.set(id, changed);
  return structuredClone(changed);
};

/** Copies of those that exist. */
export const copiesOf = <T>(records: Map<string, T>, ids: readonly string[]): T[] =>
  [...new Set(ids)].flatMap((id) => {
    const record = records.get(id);
    return record === undefined ? [] : [structuredClone(record)];
  });

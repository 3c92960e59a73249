type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Whether two values of records are the same in all that JSON can say; a field that is undefined is not there. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (!isFields(a) || !isFields(b)) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((field) => isSame(a[field], b[field]));
};

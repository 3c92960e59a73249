/** Text as it is compared: without regard to case. Both stores keep such keys, since collation is not everywhere. */
export const fold = (text: string): string => text.normalize('NFC').toLowerCase();

/**
 * What a search by prefix may begin at: every word of a full name together with what follows it, so that both "love" and
 * "ada lo" find Ada Lovelace.
 */
export const nameKeys = (fullName: string | null): string[] => {
  const words = fold(fullName ?? '')
    .split(/[\s\p{P}]+/u)
    .filter((word) => word !== '');
  return words.map((_, at) => words.slice(at).join(' '));
};

/** A prefix as it is looked for among name keys. */
export const prefixKey = (q: string): string =>
  fold(q)
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ');

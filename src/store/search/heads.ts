import type { Form } from './forms.js';

/**
 * Words are also found by their beginnings. For that a text is indexed under the heads of its words: their first letters, at a few
 * lengths. A question looks up the longest head that fits its word, and the text itself decides. Of each length more would be read
 * in vain, and each costs a place of the index for every word.
 */
const lengths = [3, 5] as const;
/** In Hangul a character is a syllable: two of them tell as much as three letters. */
const syllables = 2;
const hangul = /^\p{Script=Hangul}/u;
const isHangul = (word: string): boolean => word.charCodeAt(0) >= 0x1100 && hangul.test(word);

/** From so many characters on a word may be the beginning of another. */
export const fewest = (word: string): number => (isHangul(word) ? syllables : lengths[0]);

/** Marked, so that no head is taken for a word. Stems write i for a final y, so both are one letter here. */
const headOf = (word: string, length: number): string => `^${word.slice(0, wholeFrom(word, length)).replace(/y/g, 'i')}`;

/** Never between the two halves of one character. */
const wholeFrom = (word: string, length: number): number => {
  const next = word.charCodeAt(length);
  return next >= 0xdc00 && next <= 0xdfff ? length + 1 : length;
};

const lengthsFor = (word: string): readonly number[] => (isHangul(word) ? [syllables, ...lengths] : lengths);

/** All heads of a word of a text, as it is written and as it is stemmed. Words repeat, so a form keeps them. */
export const headsOf = (form: Form): readonly string[] => {
  form.heads ??= form.words.flatMap((word) =>
    lengthsFor(word)
      .filter((length) => word.length >= length)
      .map((length) => headOf(word, length)),
  );
  return form.heads;
};

/**
 * The head under which every text stands that has a word which begins like this one, or has its stem. Undefined where there is no
 * such head: the stem goes another way soon (`dying`, `die`), or it is too short.
 */
export const headFor = (word: string, stem: string): string | undefined => {
  let found: string | undefined;
  for (const length of lengthsFor(word)) {
    if (word.length < length || stem.length < length) break;
    const head = headOf(word, length);
    if (head !== headOf(stem, length)) break;
    found = head;
  }
  return found;
};

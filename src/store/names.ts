import { fold } from '../text/folding.js';

/**
 * How people and communities are looked for by name. Both stores keep these keys, since collation is not everywhere;
 * both sides of a comparison are made here.
 */

/** Names are written in these without a space between their parts, so that any character may begin one. */
const scripts = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const unspaced = new RegExp(`[${scripts.map((script) => `\\p{scx=${script}}`).join('')}\\p{Extended_Pictographic}]`, 'u');
const isMark = /^\p{M}/u;
const punctuation = /[\s\p{P}]+/gu;
const inner = /(?<=[\p{L}\p{M}\p{N}])\p{P}+(?=[\p{L}\p{N}])/gu;

/** Bounds of the index: so many keys for a name, each of so many characters. What is looked for counts as far. */
const most = 64;
const longest = 32;
const cut = (key: string): string => (key.length <= longest ? key : [...key].slice(0, longest).join(''));

const spaced = (folded: string): string => folded.replace(punctuation, ' ').trim();
const closed = (folded: string): string => spaced(folded.replace(inner, ''));

/** Where parts of a word begin: with the word, and around each character of a script without spaces. */
const beginnings = (word: string): number[] => {
  const found: number[] = [];
  let index = 0;
  let begins = true;
  for (const character of word) {
    if (index === 0 || !isMark.test(character)) {
      const isUnspaced = unspaced.test(character);
      if (begins || isUnspaced) found.push(index);
      begins = isUnspaced;
    }
    index += character.length;
  }
  return found;
};

/**
 * What a search by prefix may begin at: every part of a name together with what follows it, as it is written, with its
 * parts apart and in one. So "love", "ada lo", "anne-", "marie" and "annemarie" find Ada Lovelace and Anne-Marie.
 */
export const nameKeys = (name: string | null): string[] => {
  const folded = fold(name ?? '');
  const keys = new Set<string>();
  for (const spelling of new Set([folded, spaced(folded), closed(folded)])) {
    const words = spelling.split(' ').filter((word) => word !== '');
    for (const [at, word] of words.entries())
      for (const begin of beginnings(word)) keys.add(cut([word.slice(begin), ...words.slice(at + 1)].join(' ')));
  }
  return [...keys].slice(0, most);
};

/** The parts of a username: without the whole, which has a key of its own. */
export const usernameKeys = (username: string): string[] => nameKeys(username).filter((key) => key !== fold(username));

/** What is looked for among name keys: parts apart, or as it is written where signs stand around them. */
export const namePrefix = (q: string): string => {
  const folded = fold(q);
  const apart = folded.replace(inner, ' ');
  return cut(/\p{P}/u.test(apart) ? folded : apart);
};

const spellings = (text: string): string[] => {
  const folded = fold(text);
  return [...new Set([folded, folded.replace(inner, ' '), folded.replace(inner, '')])];
};

/**
 * A community's name as any part of it is looked for: a line for each way to write it, as it is, "open source",
 * "opensource".
 */
export const nameText = (name: string): string => spellings(name).join('\n');

/** What is looked for in such a text: any of these; nothing, when folding leaves nothing. */
export const nameParts = (q: string): string[] => spellings(q).filter((part) => part !== '');

import { stem as porter2 } from 'porter2';
import { fold } from '../../text/folding.js';

/** A word without case, accents and width: one that begins so is found by it. Longer ones are keys, hashes and the like. */
export const folded = (word: string): string => withoutApostrophes(foldStart(word)).slice(0, longest);

/**
 * The form under which a word is found: folded, English endings taken off. Other languages pass through whole, which is the
 * same on both sides of a search; guessing the language of a chat line fails too often to help.
 */
export const stem = (word: string): string => {
  const plain = foldStart(word);
  // What is longer than the longest is no English word, and taking endings off it costs more than its length.
  return withoutApostrophes(plain.length <= longest && english.test(plain) ? porter2(plain) : plain).slice(0, longest);
};

/** Their beginning tells long words apart, and folding may lengthen each of their characters. */
const longest = 48;
const foldStart = (word: string): string => fold(word.length > longest * 4 ? word.slice(0, longest * 4) : word);

const english = /^[a-z][a-z']{2,}$/;
/** People write `O'Brien` and `OBrien`, and as many signs between the two as keyboards have. */
const withoutApostrophes = (word: string): string => word.replace(/['\u05f3\u05f4\uff07]/g, '');

/** Too frequent to look anything up by. They still count in phrases, and every one that is asked for must occur. */
export const isCommon = (stemmed: string): boolean => common.has(stemmed);

const common = new Set(
  (
    'a about all also am an and any are as at be been but by can could did do does for from get had has have he her his how i if in is it ' +
    'its just like me more my no not of on one or our out she should so some than that the their them then there these they think this ' +
    'to up us was we were what when which who will with would you your'
  )
    .split(' ')
    .map(stem),
);

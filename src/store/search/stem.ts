import { stem as porter2 } from 'porter2';

/**
 * The form under which a word is found: case, accents and width folded, English endings taken off. Other languages pass
 * through whole, which is the same on both sides of a search; guessing the language of a chat line fails too often to help.
 */
export const stem = (word: string): string => {
  const plain = (word.length > longest * 4 ? word.slice(0, longest * 4) : word)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('’', "'")
    .toLowerCase();
  // What is longer than the longest is no English word, and taking endings off it costs more than its length.
  return (plain.length <= longest && english.test(plain) ? porter2(plain) : plain).slice(0, longest);
};

const english = /^[a-z][a-z']{2,}$/;
/** Longer ones are keys, hashes and the like: their beginning tells them apart. */
const longest = 48;

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

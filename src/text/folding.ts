/**
 * Text as it is compared: the one function for names, tags, search and imports, in the browser and on nodes. Two texts
 * that a reader takes for the same word are folded to the same text, which is for comparing and never shown.
 *
 * Unicode's own rules come first: compatibility forms (NFKD: ligatures, full and half width), full case folding,
 * properties. The tables below hold only what Unicode leaves to each language. Folding twice is folding once, composed
 * and decomposed texts fold alike, and the work grows with the length.
 */
export const fold = (text: string): string => {
  if (isAscii.test(text)) return oneSpaced(text.toLowerCase());
  const bare = text
    .normalize('NFKD')
    .replace(unseen, (found) => (found.length > 2 || found === joiner ? found : ''))
    .replace(looseJoiners, '')
    .replace(marks, '');
  // Lower, upper, lower is full case folding: capital sharp s has no upper case, and ß, ı and the final sigma meet in theirs.
  const letters = bare
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(ownLetters, (letter) => plain[letter] ?? letter);
  const folded = letters
    .replace(katakana, (kana) => String.fromCharCode(kana.charCodeAt(0) - toHiragana))
    .replace(foreignDigits, asciiDigit)
    .replace(apostrophes, "'")
    .replace(dashes, '-');
  return oneSpaced(folded).normalize('NFC');
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const isAscii = /^[\x00-\x7f]*$/;
const oneSpaced = (text: string): string => text.replace(/\s+/gu, ' ').trim();

const joiner = '\u200d';
/** Not emoji: there joiners and the tags of flags are part of what one sees. The tatweel only makes a word longer. */
const unseen = /\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f}|\p{Default_Ignorable_Code_Point}|\u0640|\u0345/gu;
const looseJoiners = /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}])\u200d|\u200d(?!\p{Extended_Pictographic})/gu;

/**
 * Accents, harakat, niqqud: people leave them out when they write. Marks of other scripts are vowels or make another
 * letter.
 */
const marks = /(?<=(?=\p{L})[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Arabic}\p{sc=Hebrew}])\p{M}+/gu;

/**
 * Letters that people write otherwise on a keyboard that lacks them, and that Unicode does not decompose: strokes and
 * ligatures of Latin; alef, ye, kaf and he, which Arabic and Persian keyboards write by different characters.
 */
const plain: Readonly<Record<string, string>> = {
  ...{ æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ŧ: 't', ς: 'σ' },
  ...{ '\u0671': '\u0627', '\u0649': '\u064a', '\u06cc': '\u064a', '\u06a9': '\u0643', '\u06d5': '\u0647' },
};
const ownLetters = new RegExp(`[${Object.keys(plain).join('')}]`, 'gu');

const katakana = /[\u30a1-\u30f6\u30fd\u30fe]/g;
const toHiragana = 0x60;

const apostrophes = /[\u2018\u2019\u201b\u02bb-\u02bd\u05f3]/g;
const dashes = /\p{Dash_Punctuation}/gu;

const isDigit = /^\p{Nd}$/u;
const foreignDigits = /(?![0-9])\p{Nd}/gu;
/** Digits stand in tens from their zero, at most two tens beside each other. */
const asciiDigit = (digit: string): string => {
  const code = digit.codePointAt(0)!;
  let zero = code;
  while (isDigit.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
};

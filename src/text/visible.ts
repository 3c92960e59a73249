/**
 * What readers see of a text: whether there is anything, and whether characters that they cannot see make it pose as
 * another.
 */

/** Shows nothing by itself. Not in Unicode's properties: the blank of Braille, a null note head, a filler of Khitan. */
const nothing = /^[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{1d159}\u{16fe4}]*$/u;
export const isBlank = (text: string): boolean => nothing.test(text);

/** The marks of annotations and the joints of hieroglyphs are formats that Unicode does not call ignorable. */
const unseen =
  /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufff9-\ufffb\u{13430}-\u{1343f}\u2800\u{1d159}\u{16fe4}]/u;
const lineEnds = /[\r\n\v\f\u0085\p{Zl}\p{Zp}]/u;
const turns = /\p{Bidi_Control}/u;

/** Scripts whose letters take another shape beside a joiner, or that write words with one inside. */
const joining = [
  ...['Arabic', 'Syriac', 'Mongolian', 'Nko', 'Mandaic', 'Manichaean', 'Phags_Pa', 'Adlam', 'Hanifi_Rohingya'],
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala'],
  ...['Newa', 'Tirhuta', 'Grantha', 'Sharada', 'Kaithi', 'Modi', 'Khmer', 'Myanmar', 'Tibetan', 'Balinese', 'Javanese'],
];
const inJoining = `[${joining.map((script) => `\\p{scx=${script}}`).join('')}]`;
const letter = `(?:(?=[\\p{L}\\p{M}])${inJoining})`;
/** Behind a figure too: "20-year-old" is one word in Persian. */
const letterOrDigit = `(?:(?=[\\p{L}\\p{M}\\p{Nd}])${inJoining})`;
/** The signs that kill a vowel; a joiner behind them says how the consonants join, at the end of a word too. */
const virama = '[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca]';

/** The unseen twins of letters, which name a region behind a black flag. */
const tags = (letters: string): string => letters.replace(/./g, (one) => `\\u{${(0xe0000 + one.charCodeAt(0)).toString(16)}}`);

/** Unseen characters where a script or an emoji needs them. */
const inPlace = new RegExp(
  [
    `(?<=${letterOrDigit})[\\u200c\\u200d](?=${letter})`,
    `(?<=${virama})[\\u200c\\u200d]`,
    // The forms of Han and Mongolian letters, groups of hieroglyphs.
    '(?<=\\p{Ideographic}|(?=\\p{L})\\p{sc=Mongolian})[\\p{Variation_Selector}\\u180e]',
    '(?<=\\p{sc=Egyptian_Hieroglyphs})[\\u{13430}-\\u{1343f}]',
    // An emoji's look, keys, joined emoji, the flags of England, Scotland and Wales.
    '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]',
    '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
    '(?<=\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\ufe0f?)\\u200d(?=\\p{Extended_Pictographic})',
    `(?<=\\u{1f3f4})${tags('gb')}(?:${tags('eng')}|${tags('sct')}|${tags('wls')})\\u{e007f}`,
  ].join('|'),
  'gu',
);

/** Why a line (a name, a title, a tag) would mislead its readers; null: it does not. */
export const misleads = (line: string): string | null => {
  if (lineEnds.test(line)) return 'must be one line';
  if (turns.test(line)) return 'must not contain characters that turn the direction of text';
  return unseen.test(line.replace(inPlace, '')) ? 'must not contain invisible characters' : null;
};

const anywhere = new RegExp(`(${inPlace.source})|[\\p{Bidi_Control}]|${unseen.source}`, 'gu');
/** A line of an old archive without what would mislead; for its ends and tabs it gets spaces. */
export const withoutUnseen = (line: string): string =>
  line.replace(/[\t\r\n\v\f\u0085\p{Zl}\p{Zp}]/gu, ' ').replace(anywhere, (_, kept: string | undefined) => kept ?? '');

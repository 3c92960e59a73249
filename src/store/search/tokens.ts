import { emojiForm, type Form, formOf, joinedForm } from './forms.js';

/** One word of a text and where it stands there. */
export interface Token {
  form: Form;
  start: number;
  end: number;
  /** Whether it goes on what is before it: `succ` in `Nat.succ`, or a character of a script that has no spaces. */
  glued: boolean;
  /** With the words before it that hyphens join: how many they are, this one among them, and the one word that they make. */
  compound?: { count: number; word: string };
}

// Scripts written without spaces: each character is a word, and a run of them a phrase. By extension, so that the long vowel
// sign of the kana and the like belong to them.
const unspacedScripts =
  'Han Hiragana Katakana Bopomofo Yi Thai Lao Khmer Myanmar Javanese Balinese Tai_Le New_Tai_Lue Tai_Tham Tai_Viet'.split(' ');
const letter = '[\\p{L}\\p{N}\\p{M}]';
const unspaced = `(?:(?=${letter})[${unspacedScripts.map((script) => `\\p{Script_Extensions=${script}}`).join('')}])`;
const hasUnspaced = new RegExp(unspaced, 'u');
/** The voiced marks of half-width kana are letters by name. */
const itsMarks = '[\\p{M}\\uff9e\\uff9f]*';
/** What may stand within a word and is not seen: soft hyphens, joiners, marks of direction. A space of no width parts words. */
const unseen = '[\\u00ad\\u061c\\u180e\\u200c-\\u200f\\u2060-\\u2064\\ufeff]*';
const wordOf = (one: string) => `${one}(?:${unseen}${one})*`;
const wordsOf = (one: string) => `${wordOf(one)}(?:['’\\u05f3\\u05f4\\uff07]${wordOf(one)})*`;
const look = '[\\ufe0e\\ufe0f]?';
const pictograph = `\\p{Extended_Pictographic}(?:\\p{Emoji_Modifier}|${look}\\u20e3?)`;
const emoji =
  `\\p{Regional_Indicator}{2}|[#*0-9]${look}\\u20e3|` + `${pictograph}(?:\\u200d${pictograph})*(?:[\\u{e0020}-\\u{e007e}]+\\u{e007f})?`;
const hasEmoji = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;

const spacedWord = new RegExp(wordsOf(letter), 'gu');
const anyWord = new RegExp(`(${emoji})|(${unspaced}${itsMarks})|${wordsOf(`(?:(?!${unspaced})${letter})`)}`, 'gu');
/** French, Italian and Catalan articles and the like, of which a vowel is left out: `école` is the word in `l’école`. */
const elided = /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|dell|nell|sull|dall|coll|all|un)['’\uff07](?=\p{L}{2})/iu;

/** The words of a text in their order. Linear in the text. */
export const tokens = (text: string): Token[] => {
  const found: Token[] = [];
  const words: string[] = [];
  const isMixed = hasUnspaced.test(text) || hasEmoji.test(text);
  let end = -1;
  let wasUnspaced = false;
  let run = 1;
  const closeRun = (): void => {
    if (run > 1) compound(found, words, run);
    run = 1;
  };
  for (const { 0: match, 1: isEmoji, 2: isUnspaced, index } of text.matchAll(isMixed ? anyWord : spacedWord)) {
    const skipped = isEmoji || isUnspaced ? 0 : (elided.exec(match.slice(0, longestElided))?.[0].length ?? 0);
    const word = match.slice(skipped);
    const form = isEmoji ? emojiForm(word) : formOf(word);
    if (form.stem === '') continue;
    const start = index + skipped;
    const glued = end >= 0 && (isUnspaced && wasUnspaced ? end === start : isJoint(text, end, start));
    const isHyphened = !isEmoji && !isUnspaced && start - end === 1 && hyphens.test(text[end]!);
    if (!isHyphened) closeRun();
    else run++;
    end = start + word.length;
    wasUnspaced = Boolean(isUnspaced);
    found.push({ form, start, end, glued });
    words.push(word);
  }
  closeRun();
  return found;
};

const longestElided = 12;
const hyphens = /^[-\u05be\u2010\u2011\ufe63\uff0d]$/;
/** What more hyphens join, or what is longer, is a phrase or a key and not one word that some write without hyphens. */
const mostJoined = 3;
const longestJoined = 32;

/** `e-mail` is found by `email` too: its first and its last word have that form beside their own. */
const compound = (list: Token[], words: readonly string[], count: number): void => {
  const from = list.length - count;
  const word = words.slice(from).join('');
  if (count > mostJoined || word.length > longestJoined) return;
  for (const at of [from, list.length - 1]) list[at] = { ...list[at]!, form: joinedForm(words[at]!, word) };
  list[list.length - 1]!.compound = { count, word };
};

/** A dot, a slash or underscores between two words make them one name, path or address. */
const isJoint = (text: string, from: number, to: number): boolean => {
  if (to - from === 1) return text[from] === '.' || text[from] === '_' || text[from] === '/';
  return to > from && to - from <= 4 && /^_+$/.test(text.slice(from, to));
};

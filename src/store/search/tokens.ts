import { stem } from './stem.js';

/** What a word is found by: its stem, and those of the parts of a camelCase word, each once. */
interface Form {
  stem: string;
  parts: readonly string[];
}

/** One word of a text and where it stands there. */
export interface Token {
  form: Form;
  start: number;
  end: number;
  /** Whether it goes on what is before it: `succ` in `Nat.succ`, or a character of a script that has no spaces. */
  glued: boolean;
}

// Scripts written without spaces: each character is a word, and a run of them a phrase.
const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const hasUnspaced = new RegExp(`[${unspaced}]`, 'u');
const startsUnspaced = new RegExp(`^[${unspaced}]`, 'u');
const wordsOf = (letter: string) => `${letter}+(?:['’]${letter}+)*`;
const spacedWord = new RegExp(wordsOf('[\\p{L}\\p{N}\\p{M}]'), 'gu');
const anyWord = new RegExp(`[${unspaced}]\\p{M}*|${wordsOf(`(?:(?![${unspaced}])[\\p{L}\\p{N}\\p{M}])`)}`, 'gu');
const humps = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/** The words of a text in their order. Linear in the text. */
export const tokens = (text: string): Token[] => {
  const found: Token[] = [];
  const isMixed = hasUnspaced.test(text);
  let end = -1;
  let wasUnspaced = false;
  for (const { 0: word, index: start } of text.matchAll(isMixed ? anyWord : spacedWord)) {
    const isUnspaced = isMixed && startsUnspaced.test(word);
    const glued = end >= 0 && (isUnspaced && wasUnspaced ? end === start : isJoint(text, end, start));
    end = start + word.length;
    wasUnspaced = isUnspaced;
    found.push({ form: formOf(word), start, end, glued });
  }
  return found;
};

/** Words repeat: the forms of short ones are kept until there are too many. A longer one would keep its whole text alive. */
const forms = new Map<string, Form>();
const mostForms = 20_000;
const shortWord = 12;

const formOf = (word: string): Form => {
  const known = forms.get(word);
  if (known) return known;
  const pieces = word.split(humps);
  const form = { stem: stem(word), parts: pieces.length > 1 ? [...new Set(pieces.map(stem))] : [] };
  if (word.length <= shortWord) {
    if (forms.size >= mostForms) forms.clear();
    forms.set(word, form);
  }
  return form;
};

/** A dot, a slash or underscores between two words make them one name, path or address. */
const isJoint = (text: string, from: number, to: number): boolean => {
  if (to - from === 1) return text[from] === '.' || text[from] === '_' || text[from] === '/';
  return to > from && to - from <= 4 && /^_+$/.test(text.slice(from, to));
};

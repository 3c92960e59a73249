import { folded, stem } from './stem.js';

/** What a word is found by. */
export interface Form {
  /** What stands for the word in phrases. */
  stem: string;
  /** Stems of what it is made of: parts of a camelCase word, of one in two scripts, the name behind an apostrophe. Each once. */
  parts: readonly string[];
  /** What its beginnings are taken from: the word and its parts, as written and as stemmed. Each once. */
  words: readonly string[];
  /** Once they were asked for: see heads.ts. */
  heads?: readonly string[];
}

const humps = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/.source;
/** `ID를`, `лемма2x`: a word of one script with an ending of another. Kana and the like are words by themselves. */
const scripts = '(?<=\\p{Script=Latin})(?=(?!\\p{Script=Latin})\\p{L})|(?<=(?!\\p{Script=Latin})\\p{L})(?=\\p{Script=Latin})';
const joints = new RegExp(`${humps}|${scripts}`, 'u');
const apostrophe = /['’\u02bc\u05f3\u05f4\uff07]/u;
/** Behind an apostrophe these are endings, not names. */
const endings = new Set(['s', 't', 'd', 'm', 'll', 've', 're']);
const version = /^v\d+$/i;

const partsOf = (word: string): string[] => {
  const parts = word.split(joints);
  const behind = word.split(apostrophe);
  if (behind.length > 1) parts.push(...behind.filter((piece) => piece.length > 1 && !endings.has(piece.toLowerCase())));
  if (version.test(word)) parts.push(word.slice(1));
  return parts;
};

/** Of a word as it is written, `joined` with what it may be written together with as well. */
const makeForm = (word: string, joined: readonly string[]): Form => {
  const parts = [...partsOf(word).filter((part) => part !== word), ...joined];
  const stems = new Set(parts.map(stem));
  const whole = stem(word);
  const words = new Set([folded(word), whole, ...parts.map(folded), ...stems]);
  stems.delete('');
  return { stem: whole, parts: [...stems], words: [...words] };
};

/** Words repeat: the forms of short ones are kept until there are too many. A longer one would keep its whole text alive. */
const forms = new Map<string, Form>();
const mostForms = 20_000;
const shortWord = 12;

export const formOf = (word: string): Form => {
  const known = forms.get(word);
  if (known) return known;
  const form = makeForm(word, []);
  if (word.length <= shortWord) {
    if (forms.size >= mostForms) forms.clear();
    forms.set(word, form);
  }
  return form;
};

/** The form of a word that is one half of `joined`: `e` and `mail` are found by `email` as well. */
export const joinedForm = (word: string, joined: string): Form => makeForm(word, [joined]);

const modifiers = /\p{Emoji_Modifier}/gu;

/** An emoji: its look does not count (variation selectors are folded), and one with a tone of skin is found by the one without. */
export const emojiForm = (emoji: string): Form => {
  const whole = stem(emoji);
  const plain = whole.replace(modifiers, '');
  return { stem: whole, parts: plain === whole || plain === '' ? [] : [plain], words: [] };
};

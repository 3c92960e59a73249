import { isCommon } from './stem.js';
import { pair } from './terms.js';
import { tokens } from './tokens.js';

/** Words that must stand one after the other; a single word is the shortest. */
export type Phrase = readonly string[];

/** So many terms are looked up; whatever else is wanted is told from the text. */
const mostRequired = 12;

/** A search as typed, understood. */
export interface Question {
  /** Each once, however often it was typed. */
  wanted: readonly Phrase[];
  unwanted: readonly Phrase[];
  /**
   * Terms that every hit is indexed under, a few of the longest when there are many: they are the rarest as a rule, and each
   * costs the store a look-up. Empty when there are only common words. Exclusions are told from the text.
   */
  required: readonly string[];
}

/**
 * Reads a search: words, "phrases", and -exclusions of either. What holds together without a space, such as `Nat.succ` or
 * `well-known`, is a phrase too. Undefined when nothing is looked for: no word, or exclusions alone.
 */
export const parseQuestion = (q: string): Question | undefined => {
  const wanted = new Map<string, Phrase>();
  const unwanted = new Map<string, Phrase>();
  const required = new Set<string>();
  for (const [, minus, quoted, bare] of q.matchAll(/((?<!\S)-)?(?:["“”]([^"“”]*)["“”]?|([^\s"“”]+))/gu)) {
    const list = tokens(quoted ?? bare ?? '');
    if (list.length === 0) continue;
    const phrase = list.map((token) => token.form.stem);
    if (minus) {
      unwanted.set(phrase.join(' '), phrase);
      continue;
    }
    wanted.set(phrase.join(' '), phrase);
    list.forEach((token, at) => {
      if (!isCommon(token.form.stem)) required.add(token.form.stem);
      if (token.glued && at > 0) required.add(pair(phrase[at - 1]!, token.form.stem));
    });
  }
  if (wanted.size === 0) return undefined;
  return { wanted: [...wanted.values()], unwanted: [...unwanted.values()], required: longest([...required]) };
};

const longest = (terms: string[]): string[] =>
  terms.length <= mostRequired ? terms : terms.sort((a, b) => b.length - a.length).slice(0, mostRequired);

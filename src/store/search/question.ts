import { isCommon } from './stem.js';
import { pair } from './terms.js';
import { isAt, type Token, tokens } from './tokens.js';

/** Words that must stand one after the other; a single word is the shortest. */
export type Phrase = readonly string[];

/** A search as typed, understood. */
export interface Question {
  wanted: readonly Phrase[];
  unwanted: readonly Phrase[];
  /** Terms that every hit is indexed under; empty when there are only common words. Exclusions are told from the text. */
  required: readonly string[];
}

/**
 * Reads a search: words, "phrases", and -exclusions of either. What holds together without a space, such as `Nat.succ` or
 * `well-known`, is a phrase too. Undefined when nothing is looked for: no word, or exclusions alone.
 */
export const parseQuestion = (q: string): Question | undefined => {
  const wanted: Phrase[] = [];
  const unwanted: Phrase[] = [];
  const required = new Set<string>();
  for (const [, minus, quoted, bare] of q.matchAll(/((?<!\S)-)?(?:["“”]([^"“”]*)["“”]?|([^\s"“”]+))/gu)) {
    const list = tokens(quoted ?? bare ?? '');
    if (list.length === 0) continue;
    const phrase = list.map((token) => token.form.stem);
    if (minus) {
      unwanted.push(phrase);
      continue;
    }
    wanted.push(phrase);
    list.forEach((token, at) => {
      if (!isCommon(token.form.stem)) required.add(token.form.stem);
      if (token.glued && at > 0) required.add(pair(phrase[at - 1]!, token.form.stem));
    });
  }
  return wanted.length === 0 ? undefined : { wanted, unwanted, required: [...required] };
};

/** Where a phrase stands in a text: positions of its first word. */
export const placesOf = (phrase: Phrase, list: readonly Token[]): number[] => {
  const places: number[] = [];
  for (let at = 0; at + phrase.length <= list.length; at++) {
    if (phrase.every((wanted, offset) => isAt(list[at + offset]!, wanted))) places.push(at);
  }
  return places;
};

import { fewest, headFor } from './heads.js';
import { folded, isCommon, stem } from './stem.js';
import { pair } from './terms.js';
import { type Token, tokens } from './tokens.js';

/** A word of a question: every word of a text with its stem; with a head, also every word that begins so. */
export interface Word {
  stem: string;
  head?: string | undefined;
}

/** Words that must stand one after the other; a single word is the shortest. */
export type Phrase = readonly (string | Word)[];

/** So many terms are looked up; whatever else is wanted is told from the text. */
const mostRequired = 12;

/** What a text must have to be a hit. */
export interface Demand {
  /** Each once, however often it was typed. */
  wanted: readonly Phrase[];
  /**
   * Terms that every hit is indexed under, a few of the longest when there are many: they are the rarest as a rule, and each
   * costs the store a look-up. Empty when there are only common words. Exclusions are told from the text.
   */
  required: readonly string[];
}

/** A search as typed, understood. */
export interface Question extends Demand {
  unwanted: readonly Phrase[];
  /** Wider: each word may be the beginning of another, and `e-mail` is `email`. What it finds beyond the rest comes after it. */
  wider?: Demand;
}

/**
 * Reads a search: words, "phrases", and -exclusions of either. What holds together without a space, such as `Nat.succ` or
 * `well-known`, is a phrase too. Undefined when nothing is looked for: no word, or exclusions alone.
 */
export const parseQuestion = (q: string): Question | undefined => {
  const wanted = new Map<string, Phrase>();
  const unwanted = new Map<string, Phrase>();
  const required = new Set<string>();
  const wider = new Wider();
  for (const [, minus, quoted, bare] of q.matchAll(/((?<!\S)-)?(?:["“”]([^"“”]*)["“”]?|([^\s"“”]+))/gu)) {
    const typed = quoted ?? bare ?? '';
    const list = tokens(typed);
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
    if (quoted === undefined) wider.addTyped(list, typed);
    else wider.addQuoted(phrase);
  }
  if (wanted.size === 0) return undefined;
  const demand = wider.demand();
  return {
    wanted: [...wanted.values()],
    unwanted: [...unwanted.values()],
    required: longest([...required]),
    ...(demand && { wider: demand }),
  };
};

const longest = (terms: string[]): string[] =>
  terms.length <= mostRequired ? terms : terms.sort((a, b) => b.length - a.length).slice(0, mostRequired);

/** The wider demand of a question, put together phrase by phrase. */
class Wider {
  readonly #wanted = new Map<string, Phrase>();
  readonly #required = new Set<string>();
  /** Of common words. */
  readonly #heads = new Set<string>();
  #isWider = false;

  /** As quoted, to the letter. Pairs are not asked for: they stand for whole words only. */
  addQuoted(stems: readonly string[]): void {
    for (const one of stems) if (!isCommon(one)) this.#required.add(one);
    this.#wanted.set(stems.join(' '), stems);
  }

  addTyped(list: readonly Token[], typed: string): void {
    const last = list.at(-1)!;
    const isOneCompound = last.compound?.count === list.length;
    const before = isOneCompound ? [] : list.slice(0, -1).map((token) => token.form.stem);
    for (const one of before) if (!isCommon(one)) this.#required.add(one);
    const word = isOneCompound ? this.#word(last.compound!.word) : this.#last(last, typed.slice(last.start, last.end));
    if (isOneCompound) this.#isWider = true;
    const phrase = [...before, word];
    this.#wanted.set(phrase.map((one) => (typeof one === 'string' ? one : `${one.stem}*${one.head ?? ''}`)).join(' '), phrase);
  }

  /** An emoji begins nothing. */
  #last({ form }: Token, written: string): string | Word {
    if (form.words.length > 0) return this.#word(written);
    this.#required.add(form.stem);
    return form.stem;
  }

  /** Common words begin others only where there is nothing else: as a rule they were typed to their end. */
  #word(written: string): string | Word {
    const [whole, head] = [stem(written), folded(written)];
    const term = head.length >= fewest(head) ? headFor(head, whole) : undefined;
    if (!isCommon(whole)) this.#required.add(term ?? whole);
    else if (term !== undefined) this.#heads.add(term);
    if (term === undefined) return whole;
    if (!isCommon(whole)) this.#isWider = true;
    return { stem: whole, head };
  }

  /** Undefined when it would find nothing more, or where nothing could be looked up. */
  demand(): Demand | undefined {
    if (this.#required.size === 0) {
      return this.#heads.size === 0 ? undefined : { wanted: [...this.#wanted.values()], required: longest([...this.#heads]) };
    }
    if (!this.#isWider) return undefined;
    return { wanted: [...this.#wanted.values()].map(withCommonWhole), required: longest([...this.#required]) };
  }
}

const withCommonWhole = (phrase: Phrase): Phrase =>
  phrase.map((word) => (typeof word !== 'string' && isCommon(word.stem) ? word.stem : word));

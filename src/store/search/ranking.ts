import type { SearchCandidate } from '../contracts.js';
import { type Effort, Occurrences } from './occurrences.js';
import type { Demand, Question } from './question.js';
import { type Span, snippet } from './snippet.js';
import { termsOf } from './terms.js';
import { type Token, tokens } from './tokens.js';

const halfLife = 365 * 24 * 3_600_000;
/** At which length, in words, a text counts neither more nor less for it. */
const usualLength = 60;

export interface Match {
  candidate: SearchCandidate;
  text: string;
  /** Without regard to its age. */
  worth: number;
  score: number;
}

/** Up to half again for being new at a time. */
export const scoreAt = ({ worth, candidate }: Pick<Match, 'worth' | 'candidate'>, now: number): number => {
  const fresh = 2 ** (-Math.max(0, now - candidate.created_at) / halfLife);
  return Math.round(worth * (1 + 0.5 * fresh) * 1_000) / 1_000;
};

/**
 * A question, made ready to be compared with many texts. Keeps nothing of them: one text may match in thousands of places. `isWider`:
 * what is found beyond the question as typed, so what is a hit of that is none of this.
 */
export class Ranking {
  readonly #demand: Demand;
  readonly #now: number;
  readonly #all: Occurrences;
  readonly #wanted: Occurrences;
  readonly #asTyped: Ranking | undefined;

  constructor(question: Question, now: number, isWider = false) {
    this.#demand = (isWider ? question.wider : undefined) ?? question;
    this.#now = now;
    const { wanted } = this.#demand;
    this.#all = new Occurrences([...wanted, ...question.unwanted]);
    this.#wanted = question.unwanted.length === 0 ? this.#all : new Occurrences(wanted);
    this.#asTyped = isWider ? new Ranking(question, now) : undefined;
  }

  /**
   * Compares a candidate with the question, word by word in its text: undefined when it is no hit. The score is, for each
   * phrase, how often it occurs against the text's length (saturating, as in BM25; a phrase of several words weighs more), a
   * little for standing early and close together, and up to half again for being new. `isChanged`: the text is not the one that
   * was indexed, so the terms must be looked at as well.
   */
  match(candidate: SearchCandidate, text: string, effort: Effort, isChanged = false): Match | undefined {
    effort.steps += text.length;
    const list = tokens(text);
    const worth = this.#worthOf(list, effort, isChanged);
    if (worth === undefined) return undefined;
    if (this.#asTyped && this.#asTyped.#worthOf(list, effort, true) !== undefined) return undefined;
    return { candidate, text, worth, score: scoreAt({ worth, candidate }, this.#now) };
  }

  #worthOf(list: readonly Token[], effort: Effort, isChanged: boolean): number | undefined {
    if (isChanged && !this.#hasTerms(list, effort)) return undefined;
    const { wanted } = this.#demand;
    const often = new Array<number>(wanted.length).fill(0);
    const firsts = new Array<number>(wanted.length).fill(-1);
    let isUnwanted = false;
    this.#all.find(list, effort, (phrase, first) => {
      if (phrase >= wanted.length) isUnwanted = true;
      else if (often[phrase]!++ === 0) firsts[phrase] = first;
    });
    if (isUnwanted || often.includes(0)) return undefined;
    let sum = 0;
    for (const [at, phrase] of wanted.entries()) {
      sum += (phrase.length * (often[at]! * 2.2)) / (often[at]! + 1.2 * (0.4 + (0.6 * list.length) / usualLength));
    }
    const spread = Math.max(...firsts) - Math.min(...firsts);
    const near = wanted.length > 1 ? wanted.length / (wanted.length + spread) : 0.5;
    const early = 1 / (1 + Math.min(...firsts) / 20);
    return sum * (1 + 0.5 * near + 0.25 * early);
  }

  /** Plain text around the places where a text matches. */
  snippet(text: string, effort: Effort): string {
    return snippet(text, this.spans(text, effort));
  }

  /** Where a text matches, by end: of the phrases that end with one word the longest. */
  spans(text: string, effort: Effort): Span[] {
    effort.steps += text.length;
    const list = tokens(text);
    const spans: Span[] = [];
    let ended = -1;
    this.#wanted.find(list, effort, (_, first, last) => {
      const start = list[first]!.start;
      if (last === ended) spans.at(-1)!.start = Math.min(spans.at(-1)!.start, start);
      else spans.push({ start, end: list[last]!.end });
      ended = last;
    });
    return spans;
  }

  #hasTerms(list: readonly Token[], effort: Effort): boolean {
    effort.steps += list.length;
    const found = new Set(termsOf(list));
    return this.#demand.required.every((term) => found.has(term));
  }
}

/** Newest first, then by id descending, as candidates come. */
export const newestFirst = (a: { created_at: number; id: string }, b: { created_at: number; id: string }): number =>
  b.created_at - a.created_at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Best first, then newest. */
export const byRank = (a: Match, b: Match): number => b.score - a.score || newestFirst(a.candidate, b.candidate);

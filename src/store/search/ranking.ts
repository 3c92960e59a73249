import type { SearchRecord } from '../contracts.js';
import { type Effort, Occurrences } from './occurrences.js';
import type { Question } from './question.js';
import type { Span } from './snippet.js';
import { tokens } from './tokens.js';

const halfLife = 365 * 24 * 3_600_000;
/** At which length, in words, a text counts neither more nor less for it. */
const usualLength = 60;

export interface Match {
  record: SearchRecord;
  score: number;
}

/** A question, made ready to be compared with many texts. Keeps nothing of them: one text may match in thousands of places. */
export class Ranking {
  readonly #question: Question;
  readonly #now: number;
  readonly #all: Occurrences;
  readonly #wanted: Occurrences;

  constructor(question: Question, now: number) {
    this.#question = question;
    this.#now = now;
    this.#all = new Occurrences([...question.wanted, ...question.unwanted]);
    this.#wanted = question.unwanted.length === 0 ? this.#all : new Occurrences(question.wanted);
  }

  /**
   * Compares a candidate with the question, word by word in its text: undefined when it is no hit. The score is, for each
   * phrase, how often it occurs against the text's length (saturating, as in BM25; a phrase of several words weighs more), a
   * little for standing early and close together, and up to half again for being new.
   */
  match(record: SearchRecord, effort: Effort): Match | undefined {
    const { wanted } = this.#question;
    effort.steps += record.text.length;
    const list = tokens(record.text);
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
    const fresh = 2 ** (-Math.max(0, this.#now - record.created_at) / halfLife);
    const score = sum * (1 + 0.5 * near + 0.25 * early) * (1 + 0.5 * fresh);
    return { record, score: Math.round(score * 1_000) / 1_000 };
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
}

/** Best first, then newest. */
export const byRank = (a: Match, b: Match): number =>
  b.score - a.score || b.record.created_at - a.record.created_at || (a.record.id < b.record.id ? 1 : -1);

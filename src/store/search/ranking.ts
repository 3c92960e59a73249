import type { SearchHit, SearchRecord } from '../contracts.js';
import { type Phrase, placesOf, type Question } from './question.js';
import { type Span, snippet } from './snippet.js';
import { type Token, tokens } from './tokens.js';

const halfLife = 365 * 24 * 3_600_000;
/** At which length, in words, a text counts neither more nor less for it. */
const usualLength = 60;

export interface Match {
  record: SearchRecord;
  score: number;
  spans: Span[];
}

/**
 * Compares a candidate with the question, word by word in its text: undefined when it is no hit. The score is, for each
 * phrase, how often it occurs against the text's length (saturating, as in BM25; a phrase of several words weighs more), a
 * little for standing early and close together, and up to half again for being new.
 */
export const match = (question: Question, record: SearchRecord, now: number): Match | undefined => {
  const list = tokens(record.text);
  if (question.unwanted.some((phrase) => placesOf(phrase, list).length > 0)) return undefined;
  const spans: Span[] = [];
  let sum = 0;
  const firsts: number[] = [];
  for (const phrase of question.wanted) {
    const places = placesOf(phrase, list);
    if (places.length === 0) return undefined;
    firsts.push(places[0]!);
    for (const at of places) spans.push(spanOf(phrase, at, list));
    const often = places.length;
    sum += (phrase.length * (often * 2.2)) / (often + 1.2 * (0.4 + (0.6 * list.length) / usualLength));
  }
  const spread = Math.max(...firsts) - Math.min(...firsts);
  const near = question.wanted.length > 1 ? question.wanted.length / (question.wanted.length + spread) : 0.5;
  const early = 1 / (1 + Math.min(...firsts) / 20);
  const fresh = 2 ** (-Math.max(0, now - record.created_at) / halfLife);
  const score = sum * (1 + 0.5 * near + 0.25 * early) * (1 + 0.5 * fresh);
  return { record, score: Math.round(score * 1_000) / 1_000, spans };
};

const spanOf = (phrase: Phrase, at: number, list: readonly Token[]): Span => ({
  start: list[at]!.start,
  end: list[at + phrase.length - 1]!.end,
});

const byRank = (a: Match, b: Match): number =>
  b.score - a.score || b.record.created_at - a.record.created_at || (a.record.id < b.record.id ? 1 : -1);

/** The page that was asked for: best first, then newest. */
export const pageOf = (matches: Match[], offset: number, limit: number): SearchHit[] =>
  matches
    .sort(byRank)
    .slice(offset, offset + limit)
    .map(({ record, score, spans }) => ({ record, score, snippet: snippet(record.text, spans) }));

import type { SearchHit, SearchRecord } from '../contracts.js';
import type { Question } from './question.js';
import { type Match, match, pageOf } from './ranking.js';

/** So many matching texts are ranked, the newest ones: a search that matches more is answered from these. */
export const mostRanked = 300;
/** So many candidates are looked at to find them (phrases are told from the text alone). */
const mostCandidates = 1_500;
/** So many characters are read at once before others get their turn, and in all: this bounds the work of one search. */
const charactersAtOnce = 30_000;
const mostCharacters = 300_000;

/**
 * Hits among candidates that come newest first. What matches in the newest texts is ranked; what lies further back than the
 * bounds reach is not found by a search that vague, and is by one more word or a filter.
 */
export const hitsAmong = async (
  question: Question,
  candidates: AsyncIterable<SearchRecord> | Iterable<SearchRecord>,
  now: number,
  page: { offset: number; limit: number },
): Promise<SearchHit[]> => {
  const matches: Match[] = [];
  let looked = 0;
  let characters = 0;
  let sinceTurn = 0;
  for await (const record of candidates) {
    const found = match(question, record, now);
    if (found) matches.push(found);
    looked += 1;
    characters += record.text.length;
    sinceTurn += record.text.length;
    if (matches.length >= mostRanked || looked >= mostCandidates || characters >= mostCharacters) break;
    if (sinceTurn >= charactersAtOnce) {
      sinceTurn = 0;
      await new Promise(setImmediate);
    }
  }
  return pageOf(matches, page.offset, page.limit);
};

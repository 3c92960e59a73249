import type { SearchHit, SearchRecord } from '../contracts.js';
import type { Effort } from './occurrences.js';
import type { Question } from './question.js';
import { byRank, type Match, Ranking } from './ranking.js';
import { snippet } from './snippet.js';

/** So many matching texts are ranked, the newest ones: a search that matches more is answered from these. */
export const mostRanked = 300;
/** So many candidates are looked at to find them (phrases are told from the text alone). */
const mostCandidates = 1_500;
/** So many steps are taken at once before others get their turn, and in all: this bounds the work of one search. */
export const stepsAtOnce = 40_000;
export const mostSteps = 1_000_000;

/**
 * Hits among candidates that come newest first. What matches in the newest texts is ranked; what lies further back than the
 * bounds reach is not found by a search that vague, and is by one more word or a filter.
 */
export const hitsAmong = async (
  question: Question,
  candidates: AsyncIterable<SearchRecord> | Iterable<SearchRecord>,
  now: number,
  page: { offset: number; limit: number },
  effort: Effort = { steps: 0 },
): Promise<SearchHit[]> => {
  const ranking = new Ranking(question, now);
  const matches: Match[] = [];
  const turns = new Turns(effort);
  let looked = 0;
  for await (const record of candidates) {
    const found = ranking.match(record, effort);
    if (found) matches.push(found);
    looked += 1;
    if (matches.length >= mostRanked || looked >= mostCandidates || effort.steps >= mostSteps) break;
    await turns.give();
  }
  const hits: SearchHit[] = [];
  for (const { record, score } of matches.sort(byRank).slice(page.offset, page.offset + page.limit)) {
    hits.push({ record, score, snippet: snippet(record.text, ranking.spans(record.text, effort)) });
    await turns.give();
  }
  return hits;
};

/** Lets others have their turn each time so many steps were taken. */
class Turns {
  #next: number;

  constructor(private readonly effort: Effort) {
    this.#next = effort.steps + stepsAtOnce;
  }

  async give(): Promise<void> {
    if (this.effort.steps < this.#next) return;
    await new Promise(setImmediate);
    this.#next = this.effort.steps + stepsAtOnce;
  }
}

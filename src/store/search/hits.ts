import type { Present, SearchCandidate, SearchHit, SearchPlace, SearchQuery } from '../contracts.js';
import type { Effort } from './occurrences.js';
import { parseQuestion, type Question } from './question.js';
import { byRank, type Match, Ranking } from './ranking.js';
import { Turns } from './turns.js';

/** So many hits are ranked, the newest ones; what is older follows them, newest first. */
export const mostRanked = 300;
/** So many candidates that may be seen are looked at for one page (phrases are told from the text alone). */
const mostLooked = 1_500;
/** And so many altogether: what the index has not yet forgotten must not cost without a bound. */
const mostCandidates = 3_000;
/** Of so many at once the texts are read: this bounds what a search holds in memory. */
const readAtOnce = 100;
/** So many steps a search takes for one page. */
export const mostSteps = 1_000_000;

type Key = { created_at: number; id: string };

export interface Search {
  query: SearchQuery;
  page: { place: SearchPlace; limit: number };
  present: Present;
  now: number;
  /** Newest first, older than a key where one is given. */
  candidates(question: Question, before: Key | undefined): AsyncIterable<SearchCandidate> | Iterable<SearchCandidate>;
  effort?: Effort;
}

/**
 * One page of a search. All that it answers, the place of the next page as well, follows from candidates that are present
 * and may be seen: nothing else is counted.
 */
export const findHits = async (search: Search): Promise<{ hits: SearchHit[]; next: SearchPlace | null }> => {
  const { query, page, now, effort = { steps: 0 } } = search;
  const { place, limit } = page;
  const question = parseQuestion(query.q);
  if (!question || query.scopes.length === 0) return { hits: [], next: null };
  const ranking = new Ranking(question, now);
  const turns = new Turns(effort);
  const look = { search, question, ranking, effort, turns };
  let shown: Match[];
  let next: SearchPlace | null;
  if ('skip' in place) {
    const { matches, behind } = await lookThrough(look, undefined, mostRanked);
    const end = place.skip + limit;
    shown = matches.sort(byRank).slice(place.skip, end);
    next = matches.length > end ? { skip: end } : behind;
  } else {
    const { matches, behind } = await lookThrough(look, place, limit);
    shown = matches;
    next = behind;
  }
  const hits: SearchHit[] = [];
  for (const match of shown) {
    hits.push({ ...match, snippet: ranking.snippet(match.text, effort) });
    await turns.give();
  }
  return { hits, next };
};

interface Look {
  search: Search;
  question: Question;
  ranking: Ranking;
  effort: Effort;
  turns: Turns;
}

/**
 * Up to `most` matches, newest first. `behind`: there is one more, or the bounds were reached, and a look goes on with what is older than this
 * key, which is always one that the asker may see.
 */
const lookThrough = async (look: Look, before: Key | undefined, most: number): Promise<{ matches: Match[]; behind: Key | null }> => {
  const { search, question, ranking, effort, turns } = look;
  const matches: Match[] = [];
  let looked = 0;
  let candidates = 0;
  let last: Key | null = null;
  for await (const some of inParts(search.candidates(question, before), Math.min(readAtOnce, most + 1))) {
    const texts = await search.present(some);
    for (const candidate of some) {
      const present = texts.get(candidate.id);
      if (!present) continue;
      const match = ranking.match(candidate, present.text, effort, present.rev !== candidate.rev);
      if (match && matches.length === most) return { matches, behind: keyOf(matches.at(-1)!.candidate) };
      if (match) matches.push(match);
      last = keyOf(candidate);
      looked += 1;
      if (looked >= mostLooked || effort.steps >= mostSteps) return { matches, behind: last };
      await turns.give();
    }
    candidates += some.length;
    if (candidates >= mostCandidates) return { matches, behind: last };
  }
  return { matches, behind: null };
};

const keyOf = ({ created_at, id }: Key): Key => ({ created_at, id });

const inParts = async function* <T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncIterable<T[]> {
  let part: T[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
};

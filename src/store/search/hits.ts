import type { Present, SearchCandidate, SearchHit, SearchPlace, SearchQuery } from '../contracts.js';
import type { Effort } from './occurrences.js';
import { type Demand, parseQuestion, type Question } from './question.js';
import { byRank, type Match, Ranking, scoreAt } from './ranking.js';
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
  candidates(query: SearchQuery, demand: Demand, before: Key | undefined): AsyncIterable<SearchCandidate> | Iterable<SearchCandidate>;
  effort?: Effort;
}

/**
 * One page of a search: first what matches as it was typed, then what the wider question finds beyond that. All that it answers,
 * the place of the next page as well, follows from candidates that are present and may be seen: nothing else is counted.
 */
export const findHits = async (search: Search): Promise<{ hits: SearchHit[]; next: SearchPlace | null }> => {
  const { query, page, effort = { steps: 0 } } = search;
  const question = parseQuestion(query.q);
  if (!question || query.scopes.length === 0) return { hits: [], next: null };
  const work = { effort, turns: new Turns(effort), looked: 0, candidates: 0 };
  const hits: SearchHit[] = [];
  let place: SearchPlace | null = page.place;
  while (place && hits.length < page.limit) {
    const part = await partOf({ search, question, work }, place, page.limit - hits.length);
    // What is ranked must be the same for each page of it, so it begins with all that one page may cost.
    if (part.isSpent && hits.length > 0) break;
    hits.push(...part.hits);
    const isAtItsEnd = part.next === null && !part.isSpent;
    if (isAtItsEnd && !place.wider && question.wider) {
      place = { skip: 0, wider: true };
    } else {
      place = part.next;
      break;
    }
  }
  if (place && isBeginOfWider(place) && !(await hasAny({ search, question, work }, place))) place = null;
  return { hits, next: place };
};

const isBeginOfWider = (place: SearchPlace): boolean => 'skip' in place && place.skip === 0 && place.wider === true;

/** What one page has cost so far. */
interface Work {
  effort: Effort;
  turns: Turns;
  looked: number;
  candidates: number;
}

interface Asked {
  search: Search;
  question: Question;
  work: Work;
}

interface Part {
  hits: SearchHit[];
  next: SearchPlace | null;
  /** The bounds were reached: the next page goes on. */
  isSpent: boolean;
}

/** What begins at a place: ranked hits, or those that are older, of the question as typed or of the wider one. */
const partOf = async (asked: Asked, place: SearchPlace, limit: number): Promise<Part> => {
  const isWider = place.wider === true;
  const wider = isWider ? { wider: true as const } : {};
  const look = lookOf(asked, place);
  let shown: Match[];
  let next: SearchPlace | null;
  let isSpent: boolean;
  if ('skip' in place) {
    const found = await lookThrough(look, undefined, mostRanked);
    const end = place.skip + limit;
    const newest = place.newest ?? found.matches[0]?.candidate.created_at ?? 0;
    const ranked = found.matches.map((match) => ({ ...match, score: scoreAt(match, newest) })).sort(byRank);
    shown = ranked.slice(place.skip, end);
    next = ranked.length > end ? { skip: end, newest, ...wider } : found.behind && { ...found.behind, ...wider };
    isSpent = found.isSpent;
  } else {
    const found = await lookThrough(look, place, limit);
    shown = found.matches;
    next = found.behind && { ...found.behind, ...wider };
    isSpent = found.isSpent;
  }
  const hits: SearchHit[] = [];
  for (const match of shown) {
    hits.push({ ...match, snippet: look.ranking.snippet(match.text, asked.work.effort) });
    await asked.work.turns.give();
  }
  return { hits, next, isSpent };
};

/** Whether a place would show anything, or cannot tell within the bounds of this page. */
const hasAny = async (asked: Asked, place: SearchPlace): Promise<boolean> => {
  const { matches, behind } = await lookThrough(lookOf(asked, place), undefined, 1);
  return matches.length > 0 || behind !== null;
};

interface Look {
  search: Search;
  /** Of the later pages what came after the first one is left out: it would move all others on. */
  query: SearchQuery;
  demand: Demand;
  ranking: Ranking;
  work: Work;
}

const lookOf = ({ search, question, work }: Asked, place: SearchPlace): Look => {
  const isWider = place.wider === true;
  const { query, now } = search;
  const newest = 'skip' in place ? place.newest : undefined;
  return {
    search,
    query: newest === undefined ? query : { ...query, before: Math.min(query.before ?? Number.POSITIVE_INFINITY, newest + 1) },
    demand: (isWider ? question.wider : undefined) ?? question,
    ranking: new Ranking(question, now, isWider),
    work,
  };
};

/**
 * Up to `most` matches, newest first. `behind`: there is one more, or the bounds were reached (`isSpent`), and a look goes on with
 * what is older than this key, which is always one that the asker may see.
 */
const lookThrough = async (
  { search, query, demand, ranking, work }: Look,
  before: Key | undefined,
  most: number,
): Promise<{ matches: Match[]; behind: Key | null; isSpent: boolean }> => {
  const { effort, turns } = work;
  const matches: Match[] = [];
  let last: Key | null = null;
  for await (const some of inParts(search.candidates(query, demand, before), most + 1)) {
    const texts = await search.present(some);
    for (const candidate of some) {
      const present = texts.get(candidate.id);
      if (!present) continue;
      const match = ranking.match(candidate, present.text, effort, present.rev !== candidate.rev);
      if (match && matches.length === most) return { matches, behind: keyOf(matches.at(-1)!.candidate), isSpent: false };
      if (match) matches.push(match);
      last = keyOf(candidate);
      work.looked += 1;
      if (work.looked >= mostLooked || effort.steps >= mostSteps) return { matches, behind: last, isSpent: true };
      await turns.give();
    }
    work.candidates += some.length;
    if (work.candidates >= mostCandidates) return { matches, behind: last, isSpent: true };
  }
  return { matches, behind: null, isSpent: false };
};

const keyOf = ({ created_at, id }: Key): Key => ({ created_at, id });

/** The first part has so many at most, each later one twice as many. */
const inParts = async function* <T>(items: AsyncIterable<T> | Iterable<T>, first: number): AsyncIterable<T[]> {
  let size = Math.min(readAtOnce, first);
  let part: T[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
    size = Math.min(readAtOnce, size * 2);
  }
  if (part.length > 0) yield part;
};

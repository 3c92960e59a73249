import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findHits, mostSteps } from '../../../src/store/search/hits.js';
import { parseQuestion } from '../../../src/store/search/question.js';
import { Ranking } from '../../../src/store/search/ranking.js';
import { tokens } from '../../../src/store/search/tokens.js';
import { stepsAtOnce } from '../../../src/store/search/turns.js';

const scope = '0'.repeat(24);
const aCandidate = (at = 0) => ({
  id: at.toString(16).padStart(24, '0'),
  scope,
  community_id: scope,
  thread_id: scope,
  created_at: at,
  rev: 1,
});

/** What one text costs, at most, for each of its characters. */
const mostPerCharacter = 30;
/** A text of the greatest length, and something for the snippet. */
const oneText = 10_000 * mostPerCharacter;

/** Searches in many texts of one kind, and tells the steps that it took and the most of them without a turn for others. */
const searched = async (text: string, q: string) => {
  const effort = { steps: 0 };
  let read = 0;
  let last = 0;
  let longest = 0;
  let isOver = false;
  const look = (): void => {
    longest = Math.max(longest, effort.steps - last);
    last = effort.steps;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await findHits({
    query: { kind: 'message', q, scopes: [scope] },
    page: { place: { skip: 0 }, limit: 100 },
    now: 0,
    candidates: () => Array.from({ length: 1_000 }, (_, at) => aCandidate(1_000 - at)),
    present: async (candidates) => {
      read += candidates.length;
      return new Map(candidates.map(({ id }) => [id, { text, rev: 1 }]));
    },
    effort,
  });
  isOver = true;
  look();
  return { read, steps: effort.steps, longest };
};

const hostile: readonly [name: string, text: string, q: string][] = [
  ['one word a hundred times', 'ж '.repeat(4_990), 'ж '.repeat(100).trim()],
  ['the same quoted', 'ж '.repeat(4_990), '"ж" '.repeat(50).trim()],
  ['the same excluded', 'ж '.repeat(4_990), `ж ${'-ж '.repeat(60)}`.trim()],
  ['excluded, and not there', 'ж '.repeat(4_990), `ж ${'-"ж ж ъ" '.repeat(20)}`.trim()],
  ['phrases that stand everywhere', 'ж '.repeat(4_990), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `"${'ж '.repeat(n)}"`).join(' ')],
  ['one long phrase that nearly stands everywhere', 'ж '.repeat(4_990), `"${'ж '.repeat(95)}ъ"`],
  ['one long phrase that stands everywhere', 'ж '.repeat(4_990), `"${'ж '.repeat(98).trim()}"`],
  ['glued', 'ж.'.repeat(4_990), 'ж.'.repeat(99)],
  ['without spaces', '定'.repeat(9_990), '定'.repeat(200)],
  ['many words', 'a b c d e f g h i j k l m n o p q r s t u v w x y z '.repeat(190), 'a b c d e f g h i j k l m n o p q r s t u v w x y z'],
  ['one word of many humps', 'aB'.repeat(4_990), 'a b ab '.repeat(20)],
  ['words of many humps', `${'aB'.repeat(20)} `.repeat(240), 'a b ab "a b" "b a" "a a a a a"'],
  ['one long word', 'x'.repeat(9_990), 'x'.repeat(200)],
  ['one long English word', 'ing'.repeat(3_300), 'ing'.repeat(60)],
  ['what grows when it is folded', 'ﷺ '.repeat(4_990), 'ﷺ '.repeat(90)],
  ['marks', `a${'\u0301'.repeat(9_000)}`, `a${'\u0301'.repeat(190)}`],
  ['apostrophes', "a'".repeat(4_990), "a'".repeat(90)],
  ['underscores', 'a____'.repeat(1_990), 'a____'.repeat(30)],
  ['quotation marks', '" '.repeat(4_990).concat('a'), `a ${'"'.repeat(190)}`],
  ['hyphens', '- '.repeat(4_990).concat('a'), `a ${'-'.repeat(190)}`],
];

describe('what a search costs, in steps', () => {
  test.each(hostile)('%s', async (_name, text, q) => {
    expect(text.length).toBeLessThanOrEqual(10_000);
    const { steps, longest, read } = await searched(text, q);
    // Snippets read those texts again that were read for the matches.
    expect(steps).toBeLessThanOrEqual(2 * (mostSteps + oneText));
    expect(read).toBeLessThanOrEqual(Math.ceil(mostSteps / text.length) + 100);
    expect(longest).toBeLessThanOrEqual(stepsAtOnce + oneText);
  });

  test('grows with the length of a text, not with what it repeats', () => {
    const piece = fc.constantFrom('ж', ' ', 'a', 'B', '.', '_', '定', "'", '-', '"', 'ab', 'the', '\n', '\u0301', 'camelCase', '🎉');
    const pieces = (maxLength: number) => fc.array(piece, { minLength: 1, maxLength }).map((list) => list.join(''));
    fc.assert(
      fc.property(pieces(40), pieces(60), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (part, of, times, often) => {
        const question = parseQuestion(of.repeat(often).slice(0, 200));
        if (!question) return;
        const ranking = new Ranking(question, 0);
        const text = part.repeat(times);
        const effort = { steps: 0 };
        ranking.match(aCandidate(), text, effort, true);
        expect(effort.steps).toBeLessThanOrEqual(mostPerCharacter * text.length);
        effort.steps = 0;
        const spans = ranking.spans(text, effort);
        expect(effort.steps).toBeLessThanOrEqual(mostPerCharacter * text.length);
        expect(spans.length).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 500 },
    );
  });

  test('each phrase is looked for once, and few terms are looked up', () => {
    expect(parseQuestion('ж ж "ж" -ъ -"ъ" ж')).toEqual({ wanted: [['ж']], unwanted: [['ъ']], required: ['ж'] });
    const many = parseQuestion(Array.from({ length: 60 }, (_, at) => `w${at}`).join(' '))!;
    expect(many.wanted).toHaveLength(60);
    expect(many.required.length).toBeLessThanOrEqual(12);
  });

  test('a text is read once for all phrases, and finds the same places as a look at each', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'aB', 'bC');
    const phrase = fc.array(fc.constantFrom('a', 'b', 'c', 'ab'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), fc.array(phrase, { minLength: 1, maxLength: 20 }), (words, phrases) => {
        const text = words.join(' ');
        const wanted = [...new Map(phrases.map((p) => [p.join(' '), p])).values()];
        const list = tokens(text);
        const isAt = (at: number, stem: string): boolean => {
          const form = list[at]?.form;
          return form !== undefined && (form.stem === stem || form.parts.includes(stem));
        };
        const standsAt = (p: string[], at: number): boolean => p.every((stem, offset) => isAt(at + offset, stem));
        const isHit = wanted.every((p) => list.some((_, at) => standsAt(p, at)));
        const ranking = new Ranking({ wanted, unwanted: [], required: [] }, 0);
        expect(ranking.match(aCandidate(), text, { steps: 0 }) !== undefined).toBe(isHit);
        const ends = list.flatMap((_, at) => (wanted.some((p) => standsAt(p, at - p.length + 1)) ? [list[at]!.end] : []));
        expect(ranking.spans(text, { steps: 0 }).map(({ end }) => end)).toEqual(ends);
      }),
    );
  });
});

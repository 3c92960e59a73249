import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseQuestion } from '../../../src/store/search/question.js';
import { Ranking } from '../../../src/store/search/ranking.js';
import { stem } from '../../../src/store/search/stem.js';
import { terms } from '../../../src/store/search/terms.js';
import { tokens } from '../../../src/store/search/tokens.js';

const stems = (text: string): string[] => tokens(text).map(({ form }) => form.stem);
const aCandidate = {
  id: '0'.repeat(24),
  scope: '0'.repeat(24),
  community_id: '0'.repeat(24),
  thread_id: '0'.repeat(24),
  created_at: 0,
  rev: 1,
};

const match = (q: string, text: string) => new Ranking(parseQuestion(q)!, 0).match(aCandidate, text, { steps: 0 });

describe('words of a text', () => {
  test('stems fold case, accents, width and English endings', () => {
    expect(['Theorems', 'theorem', 'THEOREM', 'théorem', 'ｔｈｅｏｒｅｍ'].map(stem)).toEqual(Array(5).fill('theorem'));
    expect(["Lean's", 'Lean’s', 'lean'].map(stem)).toEqual(Array(3).fill('lean'));
    expect(stem('доказательство')).toBe('доказательство');
    expect(stem('x'.repeat(500))).toHaveLength(48);
  });

  test('names are split and glued', () => {
    expect(stems('Nat.succ_le (foo)')).toEqual(['nat', 'succ', 'le', 'foo']);
    expect(tokens('Nat.succ_le (foo) a. b').map(({ glued }) => glued)).toEqual([false, true, true, false, false, false]);
    expect(terms('Nat.succ_le')).toEqual(['nat', 'succ', 'nat.succ', 'le', 'succ.le', '^nat', '^suc']);
    expect(terms('aGroup')).toEqual(['agroup', 'group', '^agr', '^agrou', '^gro', '^group']);
    expect(terms('v1.2')).toEqual(['v1', '1', '2', 'v1.2', '1.2']);
    expect(terms('定理を')).toEqual(['定', '理', '定.理', 'を', '理.を']);
    expect(terms('the of and')).toEqual([]);
  });

  test('a text of nothing but terms is bounded', () => {
    const all = terms(Array.from({ length: 5_000 }, (_, at) => `w${at}`).join(' '));
    expect(all.filter((term) => !term.startsWith('^')).length).toBeLessThanOrEqual(1_502);
    expect(all.length).toBeLessThanOrEqual(4_600);
  });
});

describe('questions', () => {
  test('words, phrases and exclusions', () => {
    expect(parseQuestion('lean "type classes" -proofs -"to be" Nat.succ')).toEqual({
      wanted: [['lean'], ['type', 'class'], ['nat', 'succ']],
      unwanted: [['proof'], ['to', 'be']],
      required: ['lean', 'type', 'class', 'nat', 'succ', 'nat.succ'],
      wider: {
        wanted: [[{ stem: 'lean', head: 'lean' }], ['type', 'class'], ['nat', { stem: 'succ', head: 'succ' }]],
        required: ['^lea', 'type', 'class', 'nat', '^suc'],
      },
    });
    expect(parseQuestion('"a lemma"b c"d e')?.wanted).toEqual([['a', 'lemma'], ['b'], ['c'], ['d', 'e']]);
    expect(parseQuestion('“type class”')?.wanted).toEqual([['type', 'class']]);
    expect(parseQuestion('well-known')?.wanted).toEqual([['well', 'known']]);
    expect(parseQuestion('the')).toMatchObject({ wanted: [['the']], unwanted: [], required: [], wider: { required: ['^the'] } });
    expect(parseQuestion('of')).toEqual({ wanted: [['of']], unwanted: [], required: [] });
    expect(parseQuestion('"to be" 定理 🚀')?.wider).toBeUndefined();
    for (const q of ['', ' ', '-a', '"', '-', '--', '"" ""', '!?']) expect(parseQuestion(q)).toBeUndefined();
  });

  test('whatever is typed is read without failing, in time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), fc.string({ maxLength: 300, unit: 'grapheme' }), (q, text) => {
        if (parseQuestion(q)) match(q, text);
      }),
    );
  });

  test('a text is found by any of its words, and indexed under all that is required', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'grapheme' }), fc.nat(), (text, pick) => {
        const list = tokens(text);
        if (list.length === 0) return;
        const { start, end } = list[pick % list.length]!;
        const q = text.slice(start, end);
        expect(match(q, text)).toBeDefined();
        expect(terms(text)).toEqual(expect.arrayContaining([...parseQuestion(q)!.required]));
      }),
    );
  });
});

describe('snippets', () => {
  const marksOf = (text: string): string[] => [...text.matchAll(/«([^«»]*)»/g)].map((found) => found[1]!);
  const of = (text: string, q: string): string => new Ranking(parseQuestion(q)!, 0).snippet(text, { steps: 0 });

  test('are short, whole and marked', () => {
    expect(of('a theorem', 'theorems')).toBe('a «theorem»');
    expect(of('type class', '"type class" type')).toBe('«type class»');
    expect(of('one\n\n  two\tthree', 'two')).toBe('one «two» three');
    const long = `${'before '.repeat(100)}target ${'after '.repeat(100)}`;
    expect(of(long, 'target')).toMatch(/^…(before )+«target»( after)+…$/);
    expect(of(`${'x'.repeat(5_000)} target`, 'target')).toBe('…«target»');
    expect(marksOf(of(`${'x'.repeat(5_000)}`, 'x'.repeat(5_000)))).toHaveLength(1);
    expect(of('x'.repeat(5_000), 'x'.repeat(5_000)).length).toBeLessThan(300);
    expect(of('a b '.repeat(2_000), '"a b a"').length).toBeLessThan(300);
  });

  test('never tear a character and always show a match', () => {
    const part = fc.constantFrom('🎉', 'word', 'target', ' ', '\n', '«', 'ﬁ', '定理', '.', 'x'.repeat(50));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 120 }), (parts) => {
        const text = `${parts.join('')} target ${parts.join('')}`;
        const shown = of(text, 'target');
        expect(Buffer.from(shown).toString()).toBe(shown);
        expect(marksOf(shown).length).toBeGreaterThan(0);
        for (const mark of marksOf(shown)) expect(mark).toBe('target');
        expect(shown.length).toBeLessThan(600);
      }),
    );
  });
});

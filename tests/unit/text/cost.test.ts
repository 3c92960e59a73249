import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namedBy, namesOf } from '../../../src/store/mentions.js';
import { parseText } from '../../../src/text/markdown.js';
import { StepCounter } from './steps.js';

/** The longest message. */
const longest = 10_000;
/** Steps a character that the dearest text may take. */
const dearest = 400;

const repeated =
  (piece: string) =>
  (length: number): string =>
    piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** Texts that parsers of Markdown are slow at, each for any length. */
const hostile: Record<string, (length: number) => string> = {
  'addresses that run together, then brackets': (n) => `${'ahttp://'.repeat(60)}${'])}'.repeat(500)}`.repeat(6).slice(0, n),
  'brackets opened, then closed': (n) => '['.repeat(n / 2) + ']'.repeat(n / 2),
  'italics in italics': (n) => '*a '.repeat(n / 6) + 'a* '.repeat(n / 6),
  'runs of backticks that grow': (n) =>
    Array.from({ length: 200 }, (_, i) => `${'`'.repeat(i + 1)}a `)
      .join('')
      .slice(0, n),
  'a table of many columns': (n) => `${'|a'.repeat(n / 8)}\n${'|-'.repeat(n / 8)}\n${'|\n'.repeat(n / 4)}`,
  'tables of short rows': repeated(`${'|'.repeat(15)}a\n${'-|'.repeat(16)}\n${'|\n'.repeat(50)}`),
  'a list that goes deeper and deeper': (n) =>
    Array.from({ length: 100 }, (_, i) => `${'  '.repeat(i)}- a\n`)
      .join('')
      .slice(0, n),
  'a long word, then mentions': (n) => `${'('.repeat(n / 2)}${'=@ab'.repeat(n / 8)}`,
  'a name that goes on': (n) => `_a @b${'_'.repeat(n - 10)}c`,
  'brackets before names, in two words': (n) => `${'[=@ab'.repeat(n / 10)} ${'[=@ab'.repeat(n / 10)}`,
  'one word': repeated('a'),
  'a host of all letters': (n) => `http://${Array.from({ length: n }, (_, i) => String.fromCharCode(0x4e00 + i)).join('')}`.slice(0, n),
};
const pieces = [
  ...['[', '[[]', '[a](', '![', '![![![', ']', ']]]]', '[a] [b', '[x]( ', '[](', '[a](b)', '![a](b)', '[a](http://b)', '*[', '[*', '_[a]('],
  ...['[a](b "', '[a](<b', "[a](b 'c", '[a]: x\n', '[`', '`[', '<[', '(((', '[a](\\(', '[a\n'],
  ...[
    '*',
    '_',
    '**',
    '*_',
    '**a *b ',
    '*a_ ',
    '*a*',
    '**a',
    'a**',
    '*a',
    '_a',
    'a**b',
    '~~',
    '~~a',
    '~',
    '~~a~~ ',
    '`',
    '``a`',
    '`a`',
    '\\',
  ],
  ...['<', '<a@', '<http://', '<a', '&', '&amp;', '!', '"', '\'"', '@', '@a', 'a@a@', '@@', '@ab ', '@ab.', '@ab_', '_@ab_'],
  ...[
    '@ab.c.d.e.f.',
    '@ab---',
    '@ab-.',
    'é@ab',
    'e\u0301@ab',
    '=@a',
    '=@ab',
    'a.bc/?u=@ab ',
    'a.bc/?u=@ab',
    '[=@a',
    '(((',
    '_@ab_.',
    '_ @ab_',
    '*_@ab',
    '- @ab\n',
    '`@ab',
  ],
  ...['https://a/。', 'https://a/ ', '（https://a', '。', '**“', '”**你', '**：**', '```a b\n', '~~~a b~~~\n'],
  ...['http://', 'ahttp://', 'http://a/http://', 'ftp://a/', 'https://a.', 'https://a/(', 'https://a/[(', "https://a/'", 'https://a/"'],
  ...['https://xn--', 'http://256.256.256.256/', 'http://a:b@', 'www.a.', 'mailto:', '://', 'https://a.b '],
  ...[
    '> ',
    '>',
    '> > > > a\n',
    '>#\nb\n',
    '> ~~~\nb\n',
    '>-\n',
    '> - a\n',
    '- > a\n',
    '- ',
    '- - - a\n',
    '-\n',
    '1. a\n',
    '1) ',
    '- a\n\n',
  ],
  ...[
    '|',
    '|a',
    '|\n',
    'a|b\n-|-\n',
    '|a|b|\n|-|-|\n',
    '```\n',
    '~~~a\n- ',
    '    a\n',
    '\n',
    '\t',
    '# a\n',
    '#',
    '---\n',
    '***',
    'a\n',
    ' ',
  ],
  ...['你', '😀', '\u202e', '\ud800', 'é@a ', '<!--', '<?', '<![CDATA['],
];
for (const piece of pieces) hostile[JSON.stringify(piece)] = repeated(piece);

// Case 57 of those that must be refused.
describe('57: the parser of texts is linear', () => {
  let steps: StepCounter;
  const costOf = (text: string): Promise<number> => steps.count(() => void parseText(text));

  beforeAll(async () => {
    steps = await StepCounter.start(/markdown-it|linkify-it|mdurl|uc\.micro|punycode|src\/text|operations\/mentions/);
    parseText('What is made once, is made. **So** https://example.org/ @ada');
  });
  afterAll(() => steps.stop());

  it.each(Object.entries(hostile))('over %s', async (_name, textOf) => {
    const half = await costOf(textOf(longest / 2));
    const whole = await costOf(textOf(longest));
    // Some steps are the same for each text.
    expect(whole).toBeLessThanOrEqual(half * 2.2 + 2_000);
    expect(Math.max(half * 2, whole)).toBeLessThan(longest * dearest);
  });

  // What the server does with a text: the same, and then names.
  it.each(pieces.filter((piece) => /@[A-Za-z0-9]/.test(piece)))('to whom %j is looked up', async (piece) => {
    const known = new Map([['ab', 'id']]);
    const namingCost = (text: string): Promise<number> => steps.count(() => void namedBy(namesOf(text), known));
    const [half, whole] = [await namingCost(repeated(piece)(longest / 2)), await namingCost(repeated(piece)(longest))];
    expect(whole).toBeLessThanOrEqual(half * 2.2 + 2_000);
    expect(Math.max(half * 2, whole)).toBeLessThan(longest * dearest);
  });

  it('over anything that is repeated', async () => {
    const piece = fc.array(fc.constantFrom(...pieces, 'a', ' ', '\n', '.', ':', '/'), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(piece, piece, async (first, second) => {
        const text = repeated(first.join(''))(longest / 2) + repeated(second.join(''))(longest / 2);
        expect(await costOf(text)).toBeLessThan(longest * dearest);
      }),
      { numRuns: 80 },
    );
  });
});

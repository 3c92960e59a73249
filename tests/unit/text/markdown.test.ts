import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bounds } from '../../../src/text/bounds.js';
import { parseText } from '../../../src/text/markdown.js';
import { namesIn } from '../../../src/text/mentions.js';
import { textOf } from '../../../src/text/shapes.js';
import type { Block, Inline } from '../../../src/text/tree.js';

const paragraph = (...children: Inline[]): Block => ({ kind: 'paragraph', children });
const link = (href: string, text = href): Inline => ({ kind: 'link', href, children: [text] });
const mention = (...names: string[]): Inline => ({ kind: 'mention', text: `@${names[0]}`, names });
/** The shapes of a text that is one paragraph. */
const inline = (text: string): Inline[] => {
  const [block, ...others] = parseText(text);
  if (others.length > 0 || block?.kind !== 'paragraph') throw new Error(`not one paragraph: ${text}`);
  return block.children;
};
const isBlock = (node: Block | Inline): node is Block =>
  typeof node !== 'string' && ['paragraph', 'heading', 'quote', 'list', 'table'].includes(node.kind);
const inside = (node: Block | Inline): (Block | Inline)[] => {
  if (typeof node === 'string') return [];
  if ('children' in node) return node.children;
  if (node.kind === 'list') return node.items.flat();
  return node.kind === 'table' ? [...node.head, ...node.rows.flat()].flatMap(({ children }) => children) : [];
};
const all = (nodes: readonly (Block | Inline)[]): (Block | Inline)[] => nodes.flatMap((node) => [node, ...all(inside(node))]);
const depthOf = (nodes: readonly (Block | Inline)[]): number => Math.max(0, ...nodes.map((node) => 1 + depthOf(inside(node))));
const wordsOf = (blocks: readonly Block[]): string =>
  all(blocks)
    .map((node) => (typeof node === 'string' ? node : 'text' in node ? node.text : ''))
    .join(' ');

describe('texts', () => {
  it('know bold, italic, struck and code, and one in another', () => {
    expect(inline('a **b** *c* _d_ ~~e~~ `f`')).toEqual([
      'a ',
      { kind: 'bold', children: ['b'] },
      ' ',
      { kind: 'italic', children: ['c'] },
      ' ',
      { kind: 'italic', children: ['d'] },
      ' ',
      { kind: 'strike', children: ['e'] },
      ' ',
      { kind: 'code', text: 'f' },
    ]);
    expect(inline('**a _b_**')).toEqual([{ kind: 'bold', children: ['a ', { kind: 'italic', children: ['b'] }] }]);
    expect(inline('`**a**`')).toEqual([{ kind: 'code', text: '**a**' }]);
    expect(inline('one\ntwo  \nthree')).toEqual(['one\ntwo\nthree']);
  });

  it.each(['2 * 3 * 4', 'snake_case_name', 'a ** b', 'me@example.org', '@', '@a', '`', '&lt;b&gt; &amp;', '<b>x</b>', '![', ':// ://a'])(
    'leave %s alone',
    (text) => {
      expect(inline(text)).toEqual([text]);
    },
  );

  it('know quotes, lists, tables, headings, rules and blocks of code', () => {
    expect(parseText('before\n```js\nconst a = `**1**`;\n```\n> said\n> so\nafter')).toEqual([
      paragraph('before'),
      { kind: 'code_block', text: 'const a = `**1**`;' },
      { kind: 'quote', children: [paragraph('said\nso')] },
      paragraph('after'),
    ]);
    expect(parseText('- a\n- b\n\n  3. c')).toEqual([
      { kind: 'list', start: null, items: [[paragraph('a')], [paragraph('b'), { kind: 'list', start: 3, items: [[paragraph('c')]] }]] },
    ]);
    expect(parseText('|a|b|\n|:-:|--:|\n|**1**|\n\n# T\n---')).toEqual([
      {
        kind: 'table',
        head: [
          { align: 'center', children: ['a'] },
          { align: 'right', children: ['b'] },
        ],
        rows: [
          [
            { align: 'center', children: [{ kind: 'bold', children: ['1'] }] },
            { align: 'right', children: [] },
          ],
        ],
      },
      { kind: 'heading', children: ['T'] },
      { kind: 'rule' },
    ]);
    // A line of dashes makes no heading of what stands above it, and nothing is code because it is indented.
    expect(parseText('a\n\n    b')).toEqual([paragraph('a'), paragraph('b')]);
  });

  it('link addresses, without the punctuation behind', () => {
    expect(inline('see https://example.org/a_(b).')).toEqual(['see ', link('https://example.org/a_(b)'), '.']);
    expect(inline('(http://example.org/?a=1&b=2)')).toEqual(['(', link('http://example.org/?a=1&b=2'), ')']);
    expect(inline('**https://a.example/x** ~~https://b.example~~ _https://c.example_')).toEqual([
      { kind: 'bold', children: [link('https://a.example/x')] },
      ' ',
      { kind: 'strike', children: [link('https://b.example')] },
      ' ',
      { kind: 'italic', children: [link('https://c.example')] },
    ]);
    expect(inline('[here](https://example.org/a "t") <https://example.org/b> <me@example.org>')).toEqual([
      link('https://example.org/a', 'here'),
      ' ',
      link('https://example.org/b'),
      ' ',
      link('mailto:me@example.org', 'me@example.org'),
    ]);
  });

  it('show an image as a link', () => {
    expect(inline('so: ![a cat](https://example.org/cat.png)')).toEqual(['so: ', link('https://example.org/cat.png', 'a cat')]);
  });

  it('find mentions, never in code, links or addresses', () => {
    expect(inline('@ada, ask @bob.')).toEqual([mention('ada'), ', ask ', mention('bob.', 'bob')]);
    expect(inline('_@ann_ thanks @ann.Then 你好@ann')).toEqual([
      { kind: 'italic', children: [mention('ann')] },
      ' thanks ',
      mention('ann.Then', 'ann.', 'ann'),
      ' 你好',
      mention('ann'),
    ]);
    for (const text of [
      '`@ann`',
      '```\n@ann\n```',
      'https://x.example/?u=@ann',
      'https://x.example/@ann',
      '\\@ann',
      '[@ann](https://x.example)',
      'me@ann',
      'x_@ann',
      '@@ann',
    ])
      expect(all(parseText(text)).filter((node) => typeof node !== 'string' && node.kind === 'mention')).toEqual([]);
    expect(namesIn('ann_')).toEqual(['ann_']);
    expect(namesIn(`${'a'.repeat(32)}.b`)).toEqual(['a'.repeat(32)]);
    expect(namesIn('a'.repeat(33))).toEqual([]);
  });

  it('nested deeper than is drawn lose no word', () => {
    const words = Array.from({ length: 60 }, (_, i) => `w${i}`);
    for (const text of [
      words.map((word, i) => `${'> '.repeat(i + 1)}${word}`).join('\n'),
      words.map((word, i) => `${'  '.repeat(i)}- ${word}`).join('\n'),
      words.map((word) => `*${word} **`).join(''),
      words.map((word, i) => `${i % 2 ? '**' : '_'}${word} `).join('') + words.map((_, i) => (i % 2 ? '_' : '**')).join(''),
    ]) {
      const blocks = parseText(text);
      expect(depthOf(blocks)).toBeLessThanOrEqual(2 * bounds.blockDepth + bounds.inlineDepth + 2);
      for (const word of words) expect(wordsOf(blocks)).toContain(word);
    }
  });

  it.each(['*a* ', '- \n', '> a\n\n', '@ab ', '`a` ', '|\n', 'a|b\n-|-\nc|d\n\n', '# a\n', '- - - - a\n', 'https://a.b '])(
    'of %j have no more elements than a reader can be shown',
    (piece) => {
      const text = `${piece.repeat(10_000 / piece.length - 1)}end`;
      const blocks = parseText(text);
      // The block in which the bound is met is finished: so many lines, each of so many levels.
      expect(all(blocks).filter((node) => typeof node !== 'string').length).toBeLessThan(bounds.elements + bounds.blockLines * 10);
      expect(wordsOf(blocks)).toContain('end');
    },
  );

  const piece = fc.constantFrom(
    ...[
      'a',
      'b c',
      ' ',
      '*',
      '**',
      '_',
      '~~',
      '`',
      '@ada',
      'https://example.org/x',
      '(',
      ')',
      '.',
      '\n',
      '\n\n',
      '<b>',
      '[',
      ']',
      '](',
      '![',
    ],
    ...['> ', '- ', '1. ', '|', '\n|-|-|\n', '# ', '```\n', '\\', '://', '@', 'https', '\u202e', '😀'],
  );
  it('lose no letter, whatever stands around', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        // Not asked: addresses of named links, what names the language of code, and cells behind the last column.
        fc.pre(!/\]\(|```|~~~|\|/.test(text));
        const letters = (of: string): string => of.replace(/[^a-z]/g, '');
        expect(letters(wordsOf(parseText(text)))).toBe(letters(text));
      }),
      { numRuns: 500 },
    );
  });

  it('of any kind are parsed, and of bounded depth', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 200 }).map((pieces) => pieces.join('')),
          fc.string({ unit: 'binary', maxLength: 300 }),
        ),
        (text) => {
          const blocks = parseText(text);
          expect(depthOf(blocks)).toBeLessThanOrEqual(2 * bounds.blockDepth + bounds.inlineDepth + 2);
          expect(all(blocks).filter(isBlock).length).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});

// Case 25 of those that must be refused.
describe('25: a link leads nowhere but to http, https and mail', () => {
  const addresses = [
    ...[
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'java\tscript:alert(1)',
      'javascript&colon;alert(1)',
      '&#106;avascript:alert(1)',
      ' javascript:alert(1)',
    ],
    ...[
      '\u0001javascript:alert(1)',
      'javascript\u200b:alert(1)',
      'data:text/html,<script>1</script>',
      'data:image/svg+xml,<svg onload=alert(1)>',
    ],
    ...[
      'data:image/png;base64,aa',
      'vbscript:x',
      'file:///etc/passwd',
      'blob:https://a.example/1',
      'ftp://a.example',
      '//evil.example',
      '/api/v1/x',
      '#x',
    ],
    ...[
      'https:evil.example',
      'http:/evil.example',
      'https://',
      'https:\\\\evil.example',
      'https://bank.example@evil.example',
      'https://u:p@evil.example',
      '',
    ],
  ];
  const hrefsOf = (text: string): string[] =>
    all(parseText(text)).flatMap((node) => (typeof node !== 'string' && node.kind === 'link' ? [node.href] : []));

  it.each(addresses)('not to %j', (address) => {
    for (const text of [
      `[x](${address})`,
      `![x](${address})`,
      `[x](<${address}>)`,
      `<${address}>`,
      `[x]: ${address}\n\n[x]`,
      `[x](\n${address} "t")`,
    ]) {
      for (const href of hrefsOf(text)) expect(href).toMatch(/^https:\/\/(?:u|bank\.example|a\.example\/1)$/);
    }
  });

  it('whatever stands around', () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '!',
      ' ',
      '\n',
      'x',
      '"',
      ':',
      '//',
      '&',
      '#',
      '\\',
      'javascript:',
      'data:',
      'https://',
      'http:',
      'a.example',
      '@',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 25 }), (parts) => {
        for (const href of hrefsOf(parts.join(''))) {
          expect(['http:', 'https:', 'mailto:']).toContain(new URL(href).protocol);
          expect(new URL(href).username).toBe('');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('and says where it leads', () => {
    expect(inline('[https://bank.example](https://evil.example/x)')).toEqual([link('https://evil.example/x')]);
    expect(inline('[www.bank.example](https://evil.example)')).toEqual([link('https://evil.example')]);
    expect(inline('[https://a.example](https://a.example/more)')).toEqual([link('https://a.example/more', 'https://a.example')]);
    // Marks that turn the direction or take no width stand for nothing in a link.
    expect(textOf(inline('[\u202eelpmaxe.knab//:sptth](https://evil.example)'))).not.toMatch(/\u202e/);
    expect(inline('https://evil.example/\u202egpj.exe')).toEqual([
      link('https://evil.example/%E2%80%AEgpj.exe', 'https://evil.example/gpj.exe'),
    ]);
    expect(inline('[\u200b](https://evil.example)')).toEqual([link('https://evil.example')]);
    expect(inline('[h\u200bttps://bank.example](https://evil.example)')).toEqual([link('https://evil.example')]);
    expect(inline('[**https://bank.example**](https://evil.example)')).toEqual([link('https://evil.example')]);
  });

  it('knows no HTML', () => {
    for (const text of ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<!-- x -->', '&lt;b&gt;'])
      expect(textOf(inline(text))).toBe(text);
  });
});

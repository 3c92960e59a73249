import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Inline, parseInline, parseMarkup } from '../../../web/src/markup.js';

const link = (href: string): Inline => ({ kind: 'link', href, text: href });

describe('markup of messages', () => {
  it('knows bold, italic, struck and code, and one in another', () => {
    expect(parseInline('a **b** *c* _d_ ~~e~~ `f`')).toEqual([
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
    expect(parseInline('**a _b_**')).toEqual([{ kind: 'bold', children: ['a ', { kind: 'italic', children: ['b'] }] }]);
    expect(parseInline('`**a**`')).toEqual([{ kind: 'code', text: '**a**' }]);
  });

  it('leaves alone what only looks like it', () => {
    for (const text of ['2 * 3 * 4', 'snake_case_name', 'a ** b', '5*6*7', 'me@example.org', '@', '@a', '`', '** **'])
      expect(parseInline(text)).toEqual([text]);
  });

  it('links http and https only, without the punctuation behind', () => {
    expect(parseInline('see https://example.org/a_(b).')).toEqual(['see ', link('https://example.org/a_(b)'), '.']);
    expect(parseInline('(http://example.org/?a=1&b=2)')).toEqual(['(', link('http://example.org/?a=1&b=2'), ')']);
    for (const text of ['javascript:alert(1)', 'data:text/html,x', 'ftp://example.org', 'xhttps://example.org', 'https://']) {
      expect(parseInline(text)).toEqual([text]);
    }
  });

  it('finds mentions', () => {
    expect(parseInline('@ada, ask @bob.')).toEqual([
      { kind: 'mention', username: 'ada' },
      ', ask ',
      { kind: 'mention', username: 'bob' },
      '.',
    ]);
  });

  it('knows code blocks and quotes', () => {
    expect(parseMarkup('before\n```js\nconst a = `**1**`;\n```\n> said\n> so\nafter')).toEqual([
      { kind: 'text', children: ['before'] },
      { kind: 'code_block', text: 'const a = `**1**`;' },
      { kind: 'quote', children: ['said\nso'] },
      { kind: 'text', children: ['after'] },
    ]);
    expect(parseMarkup('```\nnever closed')).toEqual([{ kind: 'text', children: ['```\nnever closed'] }]);
  });

  it('loses no word, and never links anything but http and https', () => {
    const words = (nodes: Inline[]): string =>
      nodes
        .map((node) =>
          typeof node === 'string'
            ? node
            : 'children' in node
              ? words(node.children)
              : 'username' in node
                ? `@${node.username}`
                : node.text,
        )
        .join('');
    const bare = (text: string): string => text.replace(/[*_~`]/g, '');
    const piece = fc.constantFrom('a', 'b c', ' ', '*', '**', '_', '~~', '`', '@ada', 'https://example.org/x', '(', ')', '.', '\n', '<b>');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const nodes = parseInline(text);
        expect(bare(words(nodes))).toBe(bare(text));
        expect(JSON.stringify(nodes)).not.toMatch(/"href":"(?!https?:)/);
      }),
    );
  });

  it('takes no long time over anything', () => {
    const started = performance.now();
    for (const piece of ['**', '*a', '_', '`', '~~x', '@', 'https://', '((((', '> ', '```'])
      parseMarkup(piece.repeat(10_000 / piece.length));
    // Part of a second; a cost that doubles with each character would never end.
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});

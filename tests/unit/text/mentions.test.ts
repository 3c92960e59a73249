import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Named } from '../../../src/store/contracts.js';
import { Mentions, namesOf } from '../../../src/store/mentions.js';
import { bounds } from '../../../src/text/bounds.js';
import { parseText } from '../../../src/text/markdown.js';
import { mentionsIn } from '../../../src/text/named.js';
import type { Block, Inline } from '../../../src/text/tree.js';
import { drawnMention, mentionedIn, mentionWords } from '../../../web/src/mentioned.js';

const people = ['ann', 'ben', 'ann.', 'cy_', 'a-b', 'd.e', 'then', 'example.org'];
const idOf = (name: string): string => `id-${name}`;
const members = {
  idsByUsernames: async (names: readonly string[]) =>
    new Map(names.filter((name) => people.includes(name)).map((name) => [name, idOf(name)])),
};
/** Whom the server rings. */
const namedBy = async (text: string): Promise<Named> => new Mentions(members).resolve(text);

const inlinesOf = (block: Block): Inline[] => {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return block.children;
    case 'quote':
      return block.children.flatMap(inlinesOf);
    case 'list':
      return block.items.flat().flatMap(inlinesOf);
    case 'table':
      return [block.head, ...block.rows].flat().flatMap(({ children }) => children);
    default:
      return [];
  }
};
const flat = (nodes: readonly Inline[]): Inline[] =>
  nodes.flatMap((node) => (typeof node !== 'string' && 'children' in node ? [node, ...flat(node.children)] : [node]));

/** What the page draws as mentions of a message that the server has taken. */
const drawnOn = (text: string, message: Named, nameNow = (id: string): string | undefined => id.slice(3)): string[] => {
  const memberOf = (id: string) => {
    const username = nameNow(id);
    return username === undefined ? undefined : { username };
  };
  const mentioned = mentionedIn(mentionWords(message, memberOf, idOf('ann')));
  return flat(parseText(text).flatMap(inlinesOf)).flatMap((node) => {
    if (typeof node === 'string' || node.kind !== 'mention') return [];
    const drawn = drawnMention(node.text, node.names, mentioned);
    return drawn ? [drawn.shown.slice(1)] : [];
  });
};

describe('who is mentioned', () => {
  it.each<[string, string[]]>([
    ['hello @ann', ['ann']],
    ['@Ann, @ANN and @ann', ['ann']],
    ['(@ben) "@ann" [@then] <@a-b>', ['ben', 'ann', 'then', 'a-b']],
    ['@ann\n@ben\t@cy_', ['ann', 'ben', 'cy_']],
    // In shapes
    ['_@ben_', ['ben']],
    ['__@ben__ ***@ann*** ~~@then~~', ['ben', 'ann', 'then']],
    ['_thanks @ben_.', ['ben']],
    ['_thanks @ben_-', ['ben']],
    ['_a_ thanks @cy_', ['cy_']],
    ['*a* _b *c* *d* *e* *f* *g* @ben_', ['ben']],
    ['> @ann\n\n- @ben\n\n# @then\n\n|x|\n|-|\n|@a-b|', ['ann', 'ben', 'then', 'a-b']],
    // Where a name ends
    ['@ben. @ben, @ben: @ben; @ben! @ben? @ben) @ben…', ['ben']],
    ['thanks @ben.Then', ['ben']],
    ['@ann.', ['ann.']],
    ['@ann...', ['ann.']],
    ['@ann.Then', ['ann.']],
    ['@ben... @ben.-', ['ben']],
    [`@ben${'-'.repeat(60)}`, ['ben']],
    [`@ben.${'x'.repeat(60)}`, ['ben']],
    ['@ben.a.b.c.d.e.f.g.h.i.j', ['ben']],
    ['@d.e and @d.e.f', ['d.e']],
    ["@ben's @ben’s", ['ben']],
    // Beside other scripts
    ['你好@ann', ['ann']],
    ['你好@ben，请看', ['ben']],
    ['안녕@ben님 สวัสดี@ann', ['ben', 'ann']],
    ['。@ben、@ann', ['ben', 'ann']],
    ['😀@ben ❤️@ann', ['ben', 'ann']],
    // Code, links and addresses
    ['`@ann`', []],
    ['``a ` @ann``', []],
    ['```\n@ann\n```', []],
    ['~~~\n@ann', []],
    ['> ```\n> @ann\n> ```', []],
    ['```@ann```', []],
    ['\\@ann', []],
    ['\\\\@ann', ['ann']],
    ['https://x.example/?u=@ann', []],
    ['https://x.example/@ann http://x.example/a,@ann', []],
    ['<https://x.example/?u=@ann> <mailto:x@example.org?cc=@ann>', []],
    ['ftp://x.example/?u=@ann www.x.example/?u=@ann x.example/a?u=@ann', []],
    ['mailto:ben@example.org?cc=@ann', []],
    [`https://ann@example.org/ ssh://git@example.org:@ann`, []],
    ['[@ann](https://x.example) ![@ann](https://x.example)', []],
    ['me@ann me@example.org x.@ann -@ann @@ann x_@ann', []],
    ['josé@example.org jose\u0301@example.org почта@example.org', []],
    [`ftp://x.example/${'a'.repeat(500)}?u=@ann`, []],
    [`${'@nobody,'.repeat(100)}@ann,@ben;@then`, ['ann', 'ben', 'then']],
    ['me@example.org,@ann', ['ann']],
    ['ftp://x.example/?a ?@ann', ['ann']],
    ['cc:@ann really?@ben', ['ann', 'ben']],
    ['@ @a @- @.x', []],
    [`@${'x'.repeat(33)}`, []],
    ['&#64;ann', []],
    ['`@ann', ['ann']],
    ['[@ann] (https://x.example)', ['ann']],
  ])('%j', async (text, expected) => {
    const named = await namedBy(text);
    expect(named.mention_names ?? []).toEqual(expected);
    expect(named.mentions).toEqual(expected.map(idOf));
    expect([...new Set(drawnOn(text, named).map((name) => name.toLowerCase()))]).toEqual(expected);
  });

  it('are not left out behind the last shape that is drawn', async () => {
    const shapes = '- a\n'.repeat(bounds.elements);
    for (const rest of ['- @ann\n- @ben', '@ann @ben', '*x* @ann `@ben` @ben', '> - @ann\n> - *@ben*']) {
      for (const text of [`${shapes}\n${rest}`, `${'*a* '.repeat(bounds.elements)}${rest}`, `${'@ann '.repeat(bounds.elements)}${rest}`]) {
        const named = await namedBy(text);
        expect(named.mention_names).toEqual(['ann', 'ben']);
        expect([...new Set(drawnOn(text, named))]).toEqual(['ann', 'ben']);
      }
    }
    const many = Array.from({ length: 3_000 }, (_, i) => `@p${i}`).join(' ');
    expect(namesOf(many).map(([name]) => name)).toEqual(Array.from({ length: 3_000 }, (_, i) => `p${i}`));
  });

  const piece = fc.constantFrom(
    ...[
      '@ann',
      '@ben',
      '@cy_',
      '@ann.',
      '@d.e',
      '@A-b',
      '@nobody',
      '@',
      'ann',
      ' ',
      '\n',
      '\n\n',
      '_',
      '__',
      '*',
      '**',
      '~~',
      '`',
      '```\n',
    ],
    ...[
      '\\',
      '.',
      '-',
      ',',
      '你',
      'é',
      '[',
      ']',
      '](https://a.example)',
      '![',
      'https://a.example/',
      '> ',
      '- ',
      '|',
      '\n|-|-|\n',
      '<',
      '>',
      '# ',
    ],
  );
  it('is the same to the server and on the page, whatever stands around', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const text = pieces.join('');
        const named = await namedBy(text);
        const drawn = new Set(drawnOn(text, named).map((name) => name.toLowerCase()));
        expect([...drawn]).toEqual(named.mention_names ?? []);
        expect(mentionsIn(parseText(text)).length).toBeGreaterThanOrEqual(drawn.size);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a mention whose member has another name now', () => {
  const text = '@Ann, see @ben.';
  const message = { mentions: [idOf('1'), idOf('2')], mention_names: ['ann', 'ben'] };
  const now = (names: Record<string, string>) => (id: string) => names[id.slice(3)];

  it('is marked, with the name of today', () => {
    expect(drawnOn(text, message, now({ 1: 'ann', 2: 'ben' }))).toEqual(['Ann', 'ben']);
    expect(drawnOn(text, message, now({ 1: 'anna', 2: 'ben' }))).toEqual(['anna', 'ben']);
    // Another has the name now, and is not meant.
    expect(drawnOn(text, message, now({ 1: 'anna', 2: 'ann' }))).toEqual(['anna', 'ann']);
  });

  it('is marked as it was written while the member is not known', () => {
    expect(drawnOn(text, message, () => undefined)).toEqual(['Ann', 'ben']);
  });

  it('without a name beside the id is known by the name of today', () => {
    expect(drawnOn(text, { mentions: message.mentions }, now({ 1: 'ann', 2: 'ben' }))).toEqual(['Ann', 'ben']);
    expect(drawnOn(text, { mentions: message.mentions }, now({ 1: 'anna' }))).toEqual([]);
  });
});

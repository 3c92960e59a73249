import type { Token } from 'markdown-it';
import { isSafeAddress, withoutDeceit } from './addresses.js';
import { bounds } from './bounds.js';
import type { Block, Cell, Inline } from './tree.js';

/** The library's flat tokens as a tree, with no more elements than a text may have. */
export const blocksOf = (tokens: readonly Token[], content: string): Block[] => {
  const reader = new Reader(tokens);
  const blocks: Block[] = [];
  while (!reader.isDone) {
    const line = reader.next.map?.[0];
    if (reader.elements >= bounds.elements && line !== undefined) {
      const rest = content
        .split(/\r\n?|\n/)
        .slice(line)
        .join('\n');
      blocks.push({ kind: 'paragraph', children: reader.withMentions(rest.trimEnd()) });
      break;
    }
    const block = reader.block();
    if (block) blocks.push(block);
  }
  return blocks;
};

const inlineKinds = { strong: 'bold', em: 'italic', s: 'strike' } as const;

class Reader {
  readonly #tokens: readonly Token[];
  /** What was mentioned, in lower case. */
  readonly #named = new Set<string>();
  #at = 0;
  elements = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get next(): Token {
    return this.#tokens[this.#at]!;
  }

  block(): Block | null {
    const token = this.#tokens[this.#at++]!;
    this.elements++;
    switch (token.type) {
      case 'paragraph_open':
      case 'heading_open': {
        const children = this.#inline();
        this.#at++;
        return children.length === 0 ? null : { kind: token.type === 'heading_open' ? 'heading' : 'paragraph', children };
      }
      case 'blockquote_open':
        return { kind: 'quote', children: this.#blocksUntil('blockquote_close') };
      case 'bullet_list_open':
      case 'ordered_list_open':
        return { kind: 'list', start: token.tag === 'ol' ? Number(token.attrGet('start') ?? 1) : null, items: this.#items() };
      case 'table_open':
        return this.#table();
      case 'fence':
        return { kind: 'code_block', text: codeOf(token) };
      case 'hr':
        return { kind: 'rule' };
      default:
        return null;
    }
  }

  /**
   * What is left, as its text stands there: of its shapes only who is mentioned, and only where nobody was by this
   * name.
   */
  withMentions(text: string): Inline[] {
    const children: Inline[] = [];
    let from = 0;
    for (; !this.isDone; this.#at++) {
      for (const token of this.next.children ?? []) {
        const node = token.type === 'mention' ? this.#mention(token) : token.content;
        if (typeof node === 'string') continue;
        const at = text.indexOf(token.content, from);
        if (at < 0) break;
        children.push(text.slice(from, at), node);
        from = at + token.content.length;
      }
    }
    children.push(text.slice(from));
    return children.filter((node) => node !== '');
  }

  /** Behind the last element too nobody is left out; who was mentioned before is text. */
  #mention(token: Token): Inline {
    const name = token.content.toLowerCase();
    const isKnown = this.#named.has(name);
    if (this.elements >= bounds.elements && isKnown) return token.content;
    this.#named.add(name);
    this.elements++;
    return { kind: 'mention', text: token.content, names: (token.meta as { names: string[] }).names };
  }

  #blocksUntil(end: string): Block[] {
    const blocks: Block[] = [];
    while (!this.isDone && this.next.type !== end) {
      const block = this.block();
      if (block) blocks.push(block);
    }
    this.#at++;
    return blocks;
  }

  #items(): Block[][] {
    const items: Block[][] = [];
    while (!this.isDone && this.next.type === 'list_item_open') {
      this.#at++;
      this.elements++;
      items.push(this.#blocksUntil('list_item_close'));
    }
    this.#at++;
    return items;
  }

  #table(): Block {
    const rows: Cell[][] = [];
    for (; !this.isDone && this.next.type !== 'table_close'; this.#at++) {
      if (this.next.type === 'tr_open') rows.push([]);
      if (this.next.type !== 'th_open' && this.next.type !== 'td_open') continue;
      const align = /text-align:(left|center|right)/.exec(String(this.next.attrGet('style')))?.[1] as Cell['align'] | undefined;
      this.#at++;
      this.elements++;
      rows.at(-1)?.push({ align: align ?? null, children: this.#inline() });
    }
    this.#at++;
    return { kind: 'table', head: rows[0] ?? [], rows: rows.slice(1) };
  }

  /** The children of the next token, which is the text of a block; the token behind is its end. */
  #inline(): Inline[] {
    const tokens = this.#tokens[this.#at++]?.children ?? [];
    const root: Inline[] = [];
    const open: { into: Inline[]; href: string | null }[] = [{ into: root, href: null }];
    // What was opened and is not drawn: its end is not drawn either.
    let undrawn = 0;
    const add = (node: Inline): void => {
      const { into } = open.at(-1)!;
      if (typeof node === 'string' && typeof into.at(-1) === 'string') into[into.length - 1] += node;
      else if (node !== '') into.push(node);
    };
    for (const [i, token] of tokens.entries()) {
      if (token.nesting > 0) {
        const node = open.length > bounds.inlineDepth ? null : this.#opened(token);
        if (node === null || undrawn > 0) {
          undrawn++;
          add(token.markup);
          continue;
        }
        add(node.shape);
        open.push({ into: node.shape.children, href: node.named ? node.shape.href : null });
      } else if (token.nesting < 0) {
        if (undrawn > 0) {
          undrawn--;
          add(token.markup);
          continue;
        }
        const { into, href } = open.pop()!;
        if (href !== null) truthful(into, href);
      } else if (token.type === 'image_mark') add(tokens[i + 1]?.type === 'link_open' ? '' : '!');
      else add(this.#leaf(token));
    }
    return root;
  }

  #opened(token: Token) {
    if (this.elements >= bounds.elements) return null;
    if (token.tag !== 'a') {
      const kind = inlineKinds[token.tag as keyof typeof inlineKinds];
      if (kind === undefined) return null;
      this.elements++;
      return { shape: { kind, children: [] as Inline[] }, named: false as const };
    }
    const href = String(token.attrGet('href'));
    if (!isSafeAddress(href)) return null;
    this.elements++;
    return { shape: { kind: 'link' as const, href, children: [] as Inline[] }, named: true as const };
  }

  #leaf(token: Token): Inline {
    if (token.type === 'softbreak' || token.type === 'hardbreak') return '\n';
    if (token.type === 'code_inline') {
      if (this.elements >= bounds.elements) return `${token.markup}${token.content}${token.markup}`;
      this.elements++;
      return { kind: 'code', text: token.content };
    }
    return token.type === 'mention' ? this.#mention(token) : token.content;
  }
}

/**
 * The text of a block of code. What stands behind the opening marks is the language when it is one word with code
 * under it; anything else there was meant to be seen: ```` ```npm install ```` alone on its line.
 */
const codeOf = ({ info, content, markup }: Token): string => {
  const text = content.replace(/\n$/, '');
  const behind = info.trim();
  if (text !== '' && !/\s/.test(behind)) return text;
  const first = markup.startsWith('~') ? behind.replace(/\s*~+$/, '') : behind;
  return first === '' || text === '' ? first || text : `${first}\n${text}`;
};

/** A link's text: without marks that deceive, and when it is an address itself, none but the one that is meant. */
const truthful = (children: Inline[], href: string): void => {
  const shown = withoutDeceit(textOf(children));
  const looksLikeAddress = /^\s*(?:[a-z][a-z0-9+.-]{0,20}:\/\/|www\.)/i.test(shown);
  const poses = looksLikeAddress && !sameAddress(shown.trim(), href);
  if (poses || shown.trim() === '') children.splice(0, children.length, href);
  else if (children.length === 1 && typeof children[0] === 'string') children[0] = shown;
};

const sameAddress = (shown: string, href: string): boolean => {
  const whole = /^www\./i.test(shown) ? `https://${shown}` : shown;
  return URL.canParse(whole) && new URL(whole).host === new URL(href).host;
};

/** The text of some shapes, without their marks. */
export const textOf = (nodes: readonly Inline[]): string =>
  nodes.map((node) => (typeof node === 'string' ? node : 'children' in node ? textOf(node.children) : node.text)).join('');

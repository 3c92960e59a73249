import type { Block, Cell, Inline } from '../../../src/text/tree.js';

/**
 * A text's tree as HTML, for tests that compare it with what a standard says. Nothing of the product makes HTML of a
 * text.
 */
export const htmlOf = (blocks: readonly Block[]): string => blocks.map(blockHtml).join('\n');

const blockHtml = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${inlineHtml(block.children)}</p>`;
    case 'heading':
      return `<h>${inlineHtml(block.children)}</h>`;
    case 'quote':
      return `<blockquote>\n${htmlOf(block.children)}\n</blockquote>`;
    case 'list': {
      const items = block.items.map((item) => `<li>${htmlOf(item)}</li>`).join('\n');
      if (block.start === null) return `<ul>\n${items}\n</ul>`;
      return `<ol${block.start === 1 ? '' : ` start="${block.start}"`}>\n${items}\n</ol>`;
    }
    case 'table':
      return `<table>${[block.head, ...block.rows].map(rowHtml).join('')}</table>`;
    case 'code_block':
      return `<pre><code>${escaped(block.text)}</code></pre>`;
    case 'rule':
      return '<hr />';
  }
};

const rowHtml = (row: readonly Cell[]): string => `<tr>${row.map(({ children }) => `<td>${inlineHtml(children)}</td>`).join('')}</tr>`;

const tags = { bold: 'strong', italic: 'em', strike: 'del' } as const;
const inlineHtml = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => {
      if (typeof node === 'string') return escaped(node);
      if (node.kind === 'code') return `<code>${escaped(node.text)}</code>`;
      if (node.kind === 'link') return `<a href="${escaped(node.href)}">${inlineHtml(node.children)}</a>`;
      if (node.kind === 'mention') return escaped(node.text);
      return `<${tags[node.kind]}>${inlineHtml(node.children)}</${tags[node.kind]}>`;
    })
    .join('');

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * HTML without what a tree does not say: levels of headings, titles of links, languages of code, whether a list is
 * set closely, hard line ends.
 */
export const comparable = (html: string): string => {
  let lists = 0;
  return html
    .replace(/<(\/?)h[1-6]>/g, '<$1h>')
    .replace(/ (?:title|class)="[^"]*"/g, '')
    .replace(/<br \/>\n?/g, '\n')
    .replace(/\n*(<\/code><\/pre>)/g, '$1')
    .replace(
      /\s*<(\/?)(p|ul|ol|li|blockquote|h|pre|hr|table)((?: [^>]*)?)>\s*/g,
      (tag: string, end: string, name: string, rest: string) => {
        if (name === 'ul' || name === 'ol') lists += end ? -1 : 1;
        // In lists a paragraph is one line behind another, whether it is marked or not.
        if (name === 'p' && lists > 0) return '\n';
        // What stands in code keeps its spaces.
        if (name === 'pre') return end ? '</pre>\n' : `\n${tag.trim()}`;
        return `\n<${end}${name}${rest}>\n`;
      },
    )
    .replace(/\n+/g, '\n')
    .trim();
};

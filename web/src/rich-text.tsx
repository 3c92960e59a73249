import type { ComponentChildren } from 'preact';
import type { Block, Cell, Inline } from '../../src/text/tree.js';
import { drawnMention, type MentionedByName } from './mentioned.js';
import { useParsed } from './parsed-texts.js';

/** A message's text with its shapes, built from elements and text only. */
export const RichText = ({ content, mentioned }: { content: string; mentioned: MentionedByName }) => {
  const blocks = useParsed(content);
  return <div class="rich-text">{blocks ? blocksOf(blocks, mentioned) : <p dir="auto">{content}</p>}</div>;
};

const blocksOf = (blocks: Block[], names: MentionedByName, isInside = false): ComponentChildren =>
  blocks.map((block, i) => <BlockOf key={i} block={block} names={names} isInside={isInside} />);

/** Each block has the direction of its text. What holds others looks for it in theirs, which must not say it themselves for that. */
const BlockOf = ({ block, names, isInside }: { block: Block; names: MentionedByName; isInside: boolean }) => {
  const dir = isInside ? undefined : 'auto';
  switch (block.kind) {
    case 'paragraph':
      return <p dir={dir}>{inlines(block.children, names)}</p>;
    case 'heading':
      // Not an h1 to h6: the page has its own outline.
      return (
        <p dir={dir} class="rich-heading">
          {inlines(block.children, names)}
        </p>
      );
    case 'quote':
      return <blockquote dir={dir}>{blocksOf(block.children, names, true)}</blockquote>;
    case 'list': {
      const items = block.items.map((item, i) => <li key={i}>{blocksOf(item, names, true)}</li>);
      return block.start === null ? (
        <ul dir={dir}>{items}</ul>
      ) : (
        <ol dir={dir} start={block.start}>
          {items}
        </ol>
      );
    }
    case 'table':
      return <TableOf head={block.head} rows={block.rows} names={names} />;
    case 'code_block':
      return (
        // A wide block scrolls by itself, also by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
        <pre tabIndex={0} dir={dir}>
          <code>{block.text}</code>
        </pre>
      );
    case 'rule':
      return <hr />;
  }
};

const TableOf = ({ head, rows, names }: { head: Cell[]; rows: Cell[][]; names: MentionedByName }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
  <div class="rich-table" tabIndex={0} dir="auto">
    <table>
      <thead>
        <tr>
          {head.map((cell, i) => (
            <th key={i} class={alignOf(cell)}>
              {inlines(cell.children, names)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          <tr key={i}>
            {row.map((cell, j) => (
              <td key={j} class={alignOf(cell)}>
                {inlines(cell.children, names)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const alignOf = ({ align }: Cell): string | undefined => (align === null ? undefined : `align-${align}`);

const inlines = (nodes: Inline[], names: MentionedByName): ComponentChildren =>
  nodes.map((node, i) => <InlineOf key={i} node={node} names={names} />);

const InlineOf = ({ node, names }: { node: Inline; names: MentionedByName }): ComponentChildren => {
  if (typeof node === 'string') return node;
  switch (node.kind) {
    case 'code':
      return <code>{node.text}</code>;
    case 'bold':
      return <strong>{inlines(node.children, names)}</strong>;
    case 'italic':
      return <em>{inlines(node.children, names)}</em>;
    case 'strike':
      return <del>{inlines(node.children, names)}</del>;
    case 'link':
      return (
        <a href={node.href} title={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {inlines(node.children, names)}
        </a>
      );
    case 'mention':
      return <MentionOf text={node.text} candidates={node.names} names={names} />;
  }
};

const MentionOf = ({ text, candidates, names }: { text: string; candidates: string[]; names: MentionedByName }) => {
  const drawn = drawnMention(text, candidates, names);
  if (!drawn) return text;
  return (
    <>
      <span class={drawn.isOwn ? 'mention mention-own' : 'mention'}>{drawn.shown}</span>
      {drawn.rest}
    </>
  );
};

/** A search snippet: text, with what stands between « and » marked. */
export const Snippet = ({ text }: { text: string }) => (
  <span class="snippet" dir="auto">
    {text.split(/(«[^«»]*»)/).map((part, i) => (part.startsWith('«') ? <mark key={i}>{part.slice(1, -1)}</mark> : part))}
  </span>
);

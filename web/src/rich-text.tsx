import type { ComponentChildren } from 'preact';
import { type Block, type Inline, parseMarkup } from './markup.js';

interface Names {
  /** Usernames, in lower case, that the message really mentions. */
  mentioned: ReadonlySet<string>;
  /** One's own username, in lower case. */
  own: string | undefined;
}

/** A message's text with its small shapes, built from elements and text only. */
export const RichText = ({ content, ...names }: { content: string } & Names) => (
  <div class="rich-text">
    {parseMarkup(content).map((block, i) => (
      <BlockOf key={i} block={block} {...names} />
    ))}
  </div>
);

const BlockOf = ({ block, ...names }: { block: Block } & Names) => {
  if (block.kind === 'code_block') {
    return (
      // A wide block scrolls by itself, also by keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
      <pre tabIndex={0}>
        <code>{block.text}</code>
      </pre>
    );
  }
  const children = inlines(block.children, names);
  return block.kind === 'quote' ? <blockquote>{children}</blockquote> : <p>{children}</p>;
};

const inlines = (nodes: Inline[], names: Names): ComponentChildren => nodes.map((node, i) => <InlineOf key={i} node={node} {...names} />);

const InlineOf = ({ node, ...names }: { node: Inline } & Names): ComponentChildren => {
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
        <a href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {node.text}
        </a>
      );
    case 'mention': {
      const name = node.username.toLowerCase();
      if (!names.mentioned.has(name)) return `@${node.username}`;
      return <span class={name === names.own ? 'mention mention-own' : 'mention'}>@{node.username}</span>;
    }
  }
};

/** A search snippet: text, with what stands between « and » marked. */
export const Snippet = ({ text }: { text: string }) => (
  <span class="snippet">
    {text.split(/(«[^«»]*»)/).map((part, i) => (part.startsWith('«') ? <mark key={i}>{part.slice(1, -1)}</mark> : part))}
  </span>
);

import type { Block, Inline } from './tree.js';

/** For each mention of a text the names that may be meant by it, in the order of the text. */
export const mentionsIn = (blocks: readonly Block[]): string[][] => {
  const found: string[][] = [];
  for (const block of blocks) {
    if ('children' in block) found.push(...(block.kind === 'quote' ? mentionsIn(block.children) : mentionsAmong(block.children)));
    else if (block.kind === 'list') for (const item of block.items) found.push(...mentionsIn(item));
    else if (block.kind === 'table') {
      for (const row of [block.head, ...block.rows]) for (const cell of row) found.push(...mentionsAmong(cell.children));
    }
  }
  return found;
};

const mentionsAmong = (nodes: readonly Inline[]): string[][] =>
  nodes.flatMap((node) => {
    if (typeof node === 'string') return [];
    if (node.kind === 'mention') return [node.names];
    return 'children' in node ? mentionsAmong(node.children) : [];
  });

/** Of the names that may be meant the one that is: the first, and so the longest, that is somebody's. */
export const meantBy = (names: readonly string[], isSomebody: (name: string) => boolean): string | undefined => names.find(isSomebody);

import MarkdownIt from 'markdown-it';
import besideCjk from 'markdown-it-cjk-friendly';
import { bareAddresses, isSafeAddress } from './addresses.js';
import { boundedBlocks } from './bounded-blocks.js';
import { bounds } from './bounds.js';
import { mentions } from './mentions.js';
import { blocksOf } from './shapes.js';
import type { Block } from './tree.js';

/**
 * CommonMark with tables and strikethrough, less what a message has no use for: HTML, entities, headings by underlining, code by
 * indenting, and link definitions (they would hide text). Images are links.
 */
const parser = new MarkdownIt({ html: false, linkify: true, maxNesting: 20 })
  .disable(['html_block', 'html_inline', 'entity', 'code', 'lheading', 'reference', 'linkify', 'image', 'replacements', 'smartquotes'])
  .use(besideCjk)
  .use(boundedBlocks)
  .use(mentions);
parser.enable('linkify').core.ruler.disable('linkify');
parser.use(bareAddresses);
parser.validateLink = isSafeAddress;

// An image is not loaded: its mark is left out before the link that is drawn in its place.
parser.inline.ruler.before('link', 'image_mark', (state, silent) => {
  if (!state.src.startsWith('![', state.pos)) return false;
  if (!silent) state.push('image_mark', '', 0).content = '!';
  state.pos += 1;
  return true;
});

// The end of a link's text is looked for from each `[`: not further than a link's text may reach, and not for ever in vain.
const labelEnd = parser.helpers.parseLinkLabel;
parser.helpers.parseLinkLabel = (state, start, disableNested) => {
  const inVain = (): number => (state.env.inVain as number | undefined) ?? 0;
  if (inVain() >= bounds.openBrackets) return -1;
  const { posMax } = state;
  state.posMax = Math.min(posMax, start + bounds.label);
  const end = labelEnd(state, start, disableNested);
  state.posMax = posMax;
  if (end < 0) state.env.inVain = inVain() + 1;
  return end;
};

/** The blocks of a text. Its cost grows with the text's length and no faster, whatever is written. */
export const parseText = (content: string): Block[] => {
  const blocks = blocksOf(parser.parse(content, {}), content);
  // A lone `#` is a heading of nothing: then the marks are the message.
  if (blocks.length > 0 || content.trim() === '') return blocks;
  return [{ kind: 'paragraph', children: [content.trim()] }];
};

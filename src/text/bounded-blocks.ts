import Markdown, { type MarkdownIt, type StateBlock } from 'markdown-it';
import { bounds } from './bounds.js';

type Rule = (state: StateBlock, start: number, end: number, silent: boolean) => boolean;

/** One of the library's own rules of blocks, to be called with less to read. */
const ruleOf = (name: string): Rule => new Markdown('zero').enable(name).block.ruler.getRules('')[0]!;

/** The library reads on to `end`; with `lineMax` there too, it takes nothing that stands behind. */
const within = (rule: Rule, state: StateBlock, start: number, end: number, silent: boolean): boolean => {
  const { lineMax } = state;
  state.lineMax = Math.min(lineMax, end);
  const found = rule(state, start, end, silent);
  state.lineMax = lineMax;
  return found;
};

/** The library's blocks, each bounded: see `bounds`. */
export const boundedBlocks = (md: MarkdownIt): void => {
  const { ruler } = md.block;
  const everywhere = { alt: ['paragraph', 'blockquote', 'list'] };
  ruler.before('table', 'deep', deep);
  ruler.at('blockquote', quote(ruleOf('blockquote')), everywhere);
  ruler.at('list', list(ruleOf('list')), { alt: ['paragraph', 'blockquote'] });
  ruler.at('table', table(ruleOf('table')), { alt: ['paragraph'] });
};

/** Too deep for another block: the line is text. Without this the library would leave such lines out. */
const deep: Rule = (state, start, _end, silent) => {
  if (state.level < bounds.blockDepth) return false;
  if (silent) return true;
  state.line = start + 1;
  state.push('paragraph_open', 'p', 1).map = [start, state.line];
  const inline = state.push('inline', '', 0);
  inline.content = state.getLines(start, state.line, state.blkIndent, false).trim();
  inline.map = [start, state.line];
  inline.children = [];
  state.push('paragraph_close', 'p', -1);
  return true;
};

/**
 * A quote is the lines that begin with `>`: a line without belongs to it no more. (The library would look through all lines behind at
 * each quote, for those that go on with its paragraph.)
 */
const quote =
  (rule: Rule): Rule =>
  (state, start, end, silent) => {
    let last = start + 1;
    while (!silent && last < end && last - start < bounds.blockLines && isQuoted(state, last)) last++;
    return within(rule, state, start, last, silent);
  };

const isQuoted = (state: StateBlock, line: number): boolean => {
  const indent = state.sCount[line]! - state.blkIndent;
  const at = state.bMarks[line]! + state.tShift[line]!;
  return indent >= 0 && indent < 4 && at < state.eMarks[line]! && state.src[at] === '>';
};

const list =
  (rule: Rule): Rule =>
  (state, start, end, silent) =>
    within(rule, state, start, silent ? end : Math.min(end, start + bounds.blockLines), silent);

/** A short row is filled up with empty cells, so few characters could ask for many: a text has so many cells, and no more. */
const table =
  (rule: Rule): Rule =>
  (state, start, end, silent) => {
    if (!rule(state, start, end, true)) return false;
    const columns = state.src.slice(state.bMarks[start], state.eMarks[start]).split('|').length;
    const left = (state.env.cells as number | undefined) ?? bounds.cells;
    const rows = Math.floor(left / columns) - 1;
    if (columns > bounds.columns || rows < 1) return false;
    if (silent) return true;
    const found = within(rule, state, start, Math.min(end, start + 2 + rows), false);
    if (found) state.env.cells = left - columns * (state.line - start - 1);
    return found;
  };

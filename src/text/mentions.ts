import type { MarkdownIt, StateInline } from 'markdown-it';
import { before, isBehindWord } from './words.js';

const longest = 32;
const shortest = 2;
const namePart = /[A-Za-z0-9_.-]/;
const nameStart = /[A-Za-z0-9]/;
const notBefore = /[_.@/-]/;
const inAddress = /[=&?#%+~:;,!]/;
const addressStart = /^[(['"<*]{0,8}(?:[a-z][a-z0-9+.-]{0,20}:\/\/|mailto:|www\.|(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,63}[/?#])/i;

/**
 * `@ann` as a rule of the inline parser: never in code, in a link or in an address, since these are other rules'
 * characters, and not behind a backslash. Whether somebody has that name is not asked here: the token's `meta.names`
 * says who may be meant.
 */
export const mentions = (md: MarkdownIt): void => {
  md.inline.ruler.after('escape', 'mention', (state, silent) => {
    const { pos, posMax, src } = state;
    if (src[pos] !== '@' || state.linkLevel > 0 || !nameStart.test(src[pos + 1] ?? '')) return false;
    const last = state.delimiters.at(-1);
    // `_` before it is part of a word, unless italics begin there.
    const opens = src[pos - 1] === '_' && last?.open === true && last.token === state.tokens.length - 1 && state.pending === '';
    if (!opens && isInWord(state)) return false;
    let end = pos + 1;
    while (end < posMax && namePart.test(src[end]!)) end++;
    let run = src.slice(pos + 1, end);
    // Italics that began before it may end behind it.
    const italicsEnd = openUnderscores(state.delimiters) > 0 ? run.search(/(?<!_)_+(?:[.-]|$)/) : -1;
    if (italicsEnd > 0) run = run.slice(0, italicsEnd);
    const names = namesIn(run);
    if (names.length === 0) return false;
    if (!silent) {
      const token = state.push('mention', '', 0);
      token.content = `@${run}`;
      token.meta = { names };
    }
    state.pos = pos + 1 + run.length;
    return true;
  });
};

/**
 * `me@ann` is a mail address, and so is `josé@ann`; `你好@ann` is none. `ftp://host/?u=@ann` and
 * `www.example.org/?u=@ann` are addresses, though no links here.
 */
const isInWord = (state: StateInline): boolean => {
  const { src, pos } = state;
  const char = before(src, pos);
  if (notBefore.test(char)) return true;
  return inAddress.test(char) ? addressStart.test(src.slice(startOfRun(state), pos)) : isBehindWord(src, pos);
};

const runs = new WeakMap<StateInline, { start: number; end: number }>();

/** Where the characters before a place begin among which an address would stand. What was gone over once is known. */
const startOfRun = (state: StateInline): number => {
  const { src, pos } = state;
  const known = runs.get(state) ?? { start: 0, end: 0 };
  if (pos >= known.start && pos <= known.end) return known.start;
  let start = pos;
  while (start > 0 && start !== known.end && isPrintableAscii(src.charCodeAt(start - 1))) start--;
  if (start === known.end && start > 0) start = known.start;
  runs.set(state, { start, end: pos });
  return start;
};

const isPrintableAscii = (code: number): boolean => code > 0x20 && code < 0x7f;

interface Delimiter {
  marker: number;
  open: boolean;
  close: boolean;
}
const counted = new WeakMap<readonly Delimiter[], { marks: number; open: number }>();

/** How many `_` of a text wait for their end. Each is counted once, however often it is asked. */
const openUnderscores = (delimiters: readonly Delimiter[]): number => {
  const count = counted.get(delimiters) ?? { marks: 0, open: 0 };
  counted.set(delimiters, count);
  for (; count.marks < delimiters.length; count.marks++) {
    const { marker, open, close } = delimiters[count.marks]!;
    if (marker !== 0x5f) continue;
    if (close && count.open > 0) count.open--;
    else if (open) count.open++;
  }
  return count.open;
};

/**
 * Who may be meant, the longest first: `ann.Then` may be `ann.Then`, `ann.` or `ann`, and `ann-` may be `ann-` or
 * `ann`. A name is short, so what stands further behind cannot change who is meant.
 */
export const namesIn = (run: string): string[] => {
  const ends = new Set([run.length]);
  for (const { 0: marks, index } of run.matchAll(/[.-]+/g)) {
    if (index > longest) break;
    const isLast = index + marks.length === run.length;
    // Behind the last point, or behind all of them at the end; a `-` alone between letters is part of the name.
    const behind = isLast ? run.length : marks.includes('.') ? index + marks.lastIndexOf('.') + 1 : 0;
    for (let end = index; end <= Math.min(behind, longest); end++) ends.add(end);
  }
  return [...ends]
    .filter((end) => end >= shortest && end <= longest)
    .sort((a, b) => b - a)
    .map((end) => run.slice(0, end));
};

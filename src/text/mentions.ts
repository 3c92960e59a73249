import type { MarkdownIt } from 'markdown-it';

const longest = 32;
const shortest = 2;
/** As many ends of `@ann.then.so` as are thought of. */
const mostNames = 4;
/** As many marks before a name are looked at for the beginning of italics. */
const nearMarks = 8;
const underscore = 0x5f;
const namePart = /[A-Za-z0-9_.-]/;
const nameStart = /[A-Za-z0-9]/;
const notBefore = /[A-Za-z0-9_.@/-]/;

/**
 * `@ann` as a rule of the inline parser: never in code, in a link or in an address, since these are other rules' characters, and not
 * behind a backslash. Whether somebody has that name is not asked here: the token's `meta.names` says who may be meant.
 */
export const mentions = (md: MarkdownIt): void => {
  md.inline.ruler.after('escape', 'mention', (state, silent) => {
    const { pos, posMax, src } = state;
    if (src[pos] !== '@' || state.linkLevel > 0 || !nameStart.test(src[pos + 1] ?? '')) return false;
    const marks = state.delimiters.at(-1);
    // `_` before it is part of a word, unless italics begin there.
    const opens = src[pos - 1] === '_' && marks?.open === true && marks.token === state.tokens.length - 1 && state.pending === '';
    if (notBefore.test(src[pos - 1] ?? '') && !opens) return false;
    let end = pos + 1;
    while (end < posMax && namePart.test(src[end]!)) end++;
    // Italics that began before it may end behind it.
    const near = state.delimiters.slice(-nearMarks);
    if (src[end - 1] === '_' && near.some(({ marker, open }) => open && marker === underscore)) while (src[end - 1] === '_') end--;
    const names = namesIn(src.slice(pos + 1, end));
    if (names.length === 0) return false;
    if (!silent) {
      const token = state.push('mention', '', 0);
      token.content = src.slice(pos, end);
      token.meta = { names };
    }
    state.pos = end;
    return true;
  });
};

/** `ann.Then` may mean `ann.Then` or `ann`; `ann-` may be `ann-` or `ann`. The longest first. */
export const namesIn = (run: string): string[] => {
  const names: string[] = [];
  // A name is short, and ends at a point: what stands further behind cannot change who is meant.
  let rest = run.length > longest ? run.slice(0, Math.max(0, run.lastIndexOf('.', longest))) : run;
  while (rest.length >= shortest && names.length < mostNames) {
    names.push(rest);
    const bare = rest.replace(/[.-]{1,32}$/, '');
    rest = bare === rest ? rest.slice(0, Math.max(0, rest.lastIndexOf('.'))) : bare;
  }
  return names;
};

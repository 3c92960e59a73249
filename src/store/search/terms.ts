import { headsOf } from './heads.js';
import { isCommon } from './stem.js';
import { type Token, tokens } from './tokens.js';

/** So many terms of one text are kept: beyond them it is a listing, not something that one looks for by its last words. */
const most = 1_500;
/** And so many heads of its words. */
const mostHeads = 3_000;

/**
 * Counts the ways in which a text was made into terms. An index that was written in another way is brought over in the background
 * (src/workers/reindex.ts), so whatever changes what `terms` answers, folding too, takes the next number.
 */
export const termsVersion = 2;

/** What two glued words are found by together: `Nat.succ` without every text that has both words somewhere. */
export const pair = (first: string, second: string): string => `${first}.${second}`;

/** The terms under which a text is found, each once: its stems but the most common, pairs of glued ones, and the heads of its words. */
export const terms = (text: string): string[] => termsOf(tokens(text));

export const termsOf = (list: readonly Token[]): string[] => {
  const found = new Set<string>();
  const heads = new Set<string>();
  let before: Token | undefined;
  for (const token of list) {
    const { form, glued } = token;
    if (!isCommon(form.stem)) found.add(form.stem);
    for (const part of form.parts) if (!isCommon(part)) found.add(part);
    if (glued && before) {
      found.add(pair(before.form.stem, form.stem));
      // `1.2` in `v1.2`, `bar.baz` in `fooBar.baz`.
      const ending = before.form.parts.at(-1);
      if (ending !== undefined) found.add(pair(ending, form.stem));
    }
    if (heads.size < mostHeads && !(isCommon(form.stem) && form.parts.length === 0)) for (const head of headsOf(form)) heads.add(head);
    before = token;
    if (found.size >= most) break;
  }
  return [...found, ...heads];
};

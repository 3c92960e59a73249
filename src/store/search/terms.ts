import { isCommon } from './stem.js';
import { type Token, tokens } from './tokens.js';

/** So many terms of one text are kept: beyond them it is a listing, not something that one looks for by its last words. */
const most = 1_500;

/** What two glued words are found by together: `Nat.succ` without every text that has both words somewhere. */
export const pair = (first: string, second: string): string => `${first}.${second}`;

/** The terms under which a text is found, each once: its stems but the most common, and pairs of glued ones. */
export const terms = (text: string): string[] => termsOf(tokens(text));

export const termsOf = (list: readonly Token[]): string[] => {
  const found = new Set<string>();
  let before: Token | undefined;
  for (const token of list) {
    if (!isCommon(token.form.stem)) found.add(token.form.stem);
    for (const part of token.form.parts) if (!isCommon(part)) found.add(part);
    if (token.glued && before) found.add(pair(before.form.stem, token.form.stem));
    before = token;
    if (found.size >= most) break;
  }
  return [...found];
};

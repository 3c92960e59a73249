const letterOrDigit = /[\p{L}\p{N}]/u;
const mark = /(?!\ufe0f)[\p{Mn}\p{Mc}]/u;
/** Scripts whose words stand together without spaces: beside them nothing says where a word ends. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}\p{scx=Yiii}]/u;
/** Marks on one letter that are looked behind. */
const mostMarks = 4;

/** The character before a place, whole; empty at the beginning. */
export const before = (src: string, at: number): string => {
  const low = /[\udc00-\udfff]/.test(src[at - 1] ?? '');
  return src.slice(Math.max(0, at - (low ? 2 : 1)), at);
};

/**
 * Whether a word of a script with spaces goes on up to a place, so that what stands there belongs to it: `josé` does,
 * `你好` does not.
 */
export const isBehindWord = (src: string, at: number): boolean => {
  let char = before(src, at);
  // An accent may be a character of its own: then the letter stands before it.
  for (let i = 0, from = at; i < mostMarks && mark.test(char); i++) {
    from -= char.length;
    char = before(src, from);
  }
  return letterOrDigit.test(char) && !unspaced.test(char);
};

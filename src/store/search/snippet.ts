/** Part of a text, in UTF-16 units: [start, end). */
export interface Span {
  start: number;
  end: number;
}

const width = 160;
const lead = 40;
/** A match that is longer is shown by its beginning. */
const longestMark = 240;

/**
 * The part of a text where most matches stand, as one line of plain text of some 160 characters: matches between « and »,
 * "…" where it was cut. Such marks that were in the text become ‹ and ›, so that what stands between them is always a match.
 */
export const snippet = (text: string, spans: readonly Span[]): string => {
  const marks = merged(spans).map(({ start, end }) => ({ start, end: Math.min(end, whole(text, start + longestMark)) }));
  const window = windowOf(text, marks);
  let out = window.start > 0 ? '…' : '';
  let at = window.start;
  for (const { start, end } of marks) {
    if (start < at || end > window.end) continue;
    out += `${plain(text.slice(at, start))}«${plain(text.slice(start, end))}»`;
    at = end;
  }
  out += plain(text.slice(at, window.end));
  return `${out.replace(/\s+/gu, ' ').trim()}${window.end < text.length ? '…' : ''}`;
};

const plain = (text: string): string => text.replaceAll('«', '‹').replaceAll('»', '›');

const merged = (spans: readonly Span[]): Span[] => {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = out.at(-1);
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end);
    else out.push({ ...span });
  }
  return out;
};

/** The window that holds most matches, the first of several; widened to whole words. */
const windowOf = (text: string, marks: readonly Span[]): Span => {
  let best = 0;
  let most = 0;
  for (let first = 0, next = 0; first < marks.length; first++) {
    while (next < marks.length && marks[next]!.end <= marks[first]!.start + width - lead) next++;
    if (next - first > most) {
      most = next - first;
      best = first;
    }
  }
  const anchor = marks[best] ?? { start: 0, end: 0 };
  const start = text.length <= width ? 0 : Math.min(Math.max(0, anchor.start - lead), anchor.start, Math.max(0, text.length - width));
  const end = Math.max(anchor.end, Math.min(text.length, start + width));
  return { start: wordStart(text, start, anchor.start), end: wordEnd(text, end, Math.max(anchor.end, start)) };
};

/** Forward to behind the next space, unless the word to be shown comes first. */
const wordStart = (text: string, at: number, before: number): number => {
  if (at === 0) return 0;
  const space = text.slice(at, before).search(/\s/u);
  return space < 0 ? whole(text, at) : at + space + 1;
};

/** Back to before the last space, unless the shown word ends there or later. */
const wordEnd = (text: string, at: number, after: number): number => {
  if (at >= text.length) return text.length;
  const space = text.slice(after, at).search(/\s\S*$/u);
  return space < 0 ? whole(text, at) : after + space;
};

/** Never between the two halves of one character. */
const whole = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
};

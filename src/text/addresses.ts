import type { MarkdownIt, StateInline } from 'markdown-it';
import { bounds } from './bounds.js';
import { isBehindWord } from './words.js';

const longestHost = 253;
/** Marks that turn the direction of text or take no width: with them one address poses as another. */
const deceptive = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A text that stands for a link, without marks that would make it look like another. */
export const withoutDeceit = (text: string): string => text.replace(deceptive, '');

/** Whether a link may lead there: http, https and mailto alone, and nobody's name before the host. */
export const isSafeAddress = (address: string): boolean => {
  if (address.length > bounds.address || !/^(?:https?:\/\/|mailto:)/i.test(address) || !URL.canParse(address)) return false;
  const { username, password } = new URL(address);
  return username === '' && password === '';
};

/**
 * Bare addresses (`https://…`) as links. What an address is, linkify-it knows; it is asked at a `://` alone, and what it finds is
 * always taken, so that no character is looked at for two addresses.
 */
export const bareAddresses = (md: MarkdownIt): void => {
  md.inline.ruler.at('linkify', (state, silent) => {
    const { pos, src } = state;
    if (state.linkLevel > 0 || !src.startsWith('://', pos)) return false;
    const scheme = ['https', 'http'].find((one) => src.slice(Math.max(0, pos - one.length), pos).toLowerCase() === one);
    const start = pos - (scheme?.length ?? 0);
    if (scheme === undefined || isBehindWord(src, start)) return false;
    const lengthWithin = (end: number): number => md.linkify.testSchemaAt(src.slice(0, end), `${scheme}:`, pos + 1);
    // Italics may end right behind a host; to the library such a host is none.
    const last = Math.min(state.posMax, nextForeign(state, pos + 3));
    const found = lengthWithin(last) || lengthWithin(Math.min(last, beforeMark(src, pos + 3)));
    if (found === 0) return false;
    const end = withoutMarks(src, pos + 1, pos + 1 + found);
    if (silent) {
      state.pos = end;
      return true;
    }
    const text = src.slice(start, end);
    const address = md.normalizeLink(text);
    // Characters before the `://` wait to be written as text.
    const waiting = state.pending.endsWith(src.slice(start, pos)) ? scheme.length : 0;
    if (waiting > 0 && isSafeAddress(address)) {
      state.pending = state.pending.slice(0, -waiting);
      state.push('link_open', 'a', 1).attrs = [['href', address]];
      state.tokens.at(-1)!.info = 'auto';
      state.push('text', '', 0).content = text;
      state.push('link_close', 'a', -1).info = 'auto';
    } else state.pending += src.slice(pos, end);
    state.pos = end;
    return true;
  });
};

/** The first `_` of what may be a host. */
const beforeMark = (src: string, start: number): number => {
  const at = src.slice(start, start + longestHost).indexOf('_');
  return start + Math.max(0, at);
};

/**
 * Punctuation of other scripts than ours ends an address, as a space does: it is not written in one (a browser writes
 * %E3%80%82), and where there are no spaces between words it stands right behind.
 */
const foreignPunctuation = /(?!\p{ASCII})[\p{Terminal_Punctuation}\p{Quotation_Mark}\p{Ps}\p{Pe}\p{Pi}\p{Pf}…]/gu;
const foreign = new WeakMap<StateInline, number>();

/** Where the next of it stands behind a place; it is looked for once, whatever stands before it. */
const nextForeign = (state: StateInline, from: number): number => {
  const known = foreign.get(state);
  if (known !== undefined && known >= from) return known;
  foreignPunctuation.lastIndex = from;
  const next = foreignPunctuation.exec(state.src)?.index ?? state.src.length;
  foreign.set(state, next);
  return next;
};

/** An address in bold, italics or struck through ends before their marks. */
const withoutMarks = (src: string, least: number, end: number): number => {
  let last = end;
  while (last > least && '*_~'.includes(src[last - 1]!)) last--;
  return last;
};

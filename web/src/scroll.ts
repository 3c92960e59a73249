import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Message } from '../../src/protocol/resources.js';

/** What stands in view: the topmost row, the last one whose end has come into view, and whether that is the thread's end. */
export interface InView {
  first: number;
  last: number;
  isAtEnd: boolean;
}

interface ScrollParts {
  rows: readonly Message[];
  /** Drawn below the rows. */
  tail: unknown;
  /** Whether the last row is the newest message. */
  isNewest: boolean;
  /** More is wanted above or below; `up` tells whether there is any. */
  up: () => boolean;
  down: () => void;
  /** Told whenever other rows may have come into view. */
  onLook: (inView: InView) => void;
}

/** As near to the end as counts as being there; as near to an edge as makes more be drawn. */
const nearEnd = 48;
const nearEdge = 500;

const isNear = (el: HTMLElement, distance: number): boolean => el.scrollHeight - el.scrollTop - el.clientHeight < distance;

/**
 * Keeps a list of messages where the reader has it. At the end it stays at the end; anywhere else the row that is read
 * stays in its place when rows come, go or grow above it.
 */
export const useScroll = (given: ScrollParts) => {
  const box = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ row: string; offset: number } | null>(null);
  const sticks = useRef(true);
  const wanted = useRef<{ seq: number; block: 'start' | 'center' } | null>(null);
  const parts = useRef(given);
  parts.current = given;
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [asked, ask] = useReducer((n: number, _: undefined) => n + 1, 0);

  const note = useCallback((): void => {
    const el = box.current;
    if (!el) return;
    const atEnd = isNear(el, nearEnd);
    sticks.current = atEnd;
    setIsAtEnd(atEnd);
    const rows = el.querySelectorAll<HTMLElement>('[data-seq]');
    const first = firstVisible(el, rows);
    anchor.current = first && { row: first.dataset.seq ?? '', offset: first.offsetTop - el.scrollTop };
    if (first)
      parts.current.onLook({ first: Number(first.dataset.seq), last: lastSeen(el, rows), isAtEnd: atEnd && parts.current.isNewest });
  }, []);

  const reach = useCallback((): void => {
    const el = box.current;
    if (!el || parts.current.rows.length === 0) return;
    if (el.scrollTop < nearEdge && parts.current.up()) return;
    if (isNear(el, nearEdge)) parts.current.down();
  }, []);

  const onScroll = (): void => {
    note();
    reach();
  };

  /** Puts the list where it is to be after something in it changed. */
  const settle = useCallback((): void => {
    const el = box.current;
    if (!el) return;
    const { rows, isNewest } = parts.current;
    if (wanted.current && rows.length > 0) {
      el.scrollTop = topFor(el, nearestRow(el, wanted.current.seq), wanted.current.block);
      wanted.current = null;
    } else if (sticks.current && isNewest) {
      el.scrollTop = el.scrollHeight;
    } else {
      const row = anchor.current && el.querySelector<HTMLElement>(`[data-seq="${anchor.current.row}"]`);
      const top = row && anchor.current ? row.offsetTop - anchor.current.offset : el.scrollTop;
      if (Math.abs(el.scrollTop - top) > 1) el.scrollTop = top;
    }
    note();
  }, []);

  useLayoutEffect(settle, [given.rows, given.tail, asked]);
  // A list that cannot be scrolled, or opens near an edge, would never ask for more.
  useEffect(reach, [given.rows, asked]);

  // The keyboard of a phone, a growing composer, a question below a message or a late font change the box's or the rows' height.
  useEffect(() => {
    const sizes = new ResizeObserver(settle);
    if (box.current) sizes.observe(box.current);
    if (inside.current) sizes.observe(inside.current);
    return () => sizes.disconnect();
  }, []);

  const toEnd = useCallback((): void => {
    sticks.current = true;
    wanted.current = null;
    setIsAtEnd(true);
    ask(undefined);
  }, []);

  /** Brings a row into view as soon as it is drawn; what is not there, the next one. */
  const showNext = useCallback((seq: number, block: 'start' | 'center'): void => {
    sticks.current = false;
    wanted.current = { seq, block };
    ask(undefined);
  }, []);

  return { box, inside, onScroll, look: note, isAtEnd, toEnd, showNext };
};

/** The first row from which on something holds; rows are in order, so it is looked for by halves. */
const firstThat = (rows: NodeListOf<HTMLElement>, holds: (row: HTMLElement) => boolean): number => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(rows[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** The topmost row that is to be seen. */
const firstVisible = (el: HTMLElement, rows: NodeListOf<HTMLElement>): HTMLElement | null =>
  rows[
    Math.min(
      rows.length - 1,
      firstThat(rows, (row) => row.offsetTop + row.offsetHeight > el.scrollTop),
    )
  ] ?? null;

/** The seq of the last row whose end is in view or above; of a row taller than the box a boxful must be. 0 when there is none. */
const lastSeen = (el: HTMLElement, rows: NodeListOf<HTMLElement>): number => {
  const bottom = el.scrollTop + el.clientHeight + 1;
  const next = firstThat(rows, (row) => row.offsetTop + Math.min(row.offsetHeight, el.clientHeight) > bottom);
  return Number(rows[next - 1]?.dataset.seq ?? 0);
};

const nearestRow = (el: HTMLElement, seq: number): HTMLElement | undefined => {
  const rows = el.querySelectorAll<HTMLElement>('[data-seq]');
  return rows[
    Math.min(
      rows.length - 1,
      firstThat(rows, (row) => Number(row.dataset.seq) >= seq),
    )
  ];
};

/** Where to scroll for a row: to its middle, or to its beginning with the lines above it and, if it is short, the thread's own. */
const topFor = (el: HTMLElement, row: HTMLElement | undefined, block: 'start' | 'center'): number => {
  if (!row) return el.scrollTop;
  if (block === 'center') return row.offsetTop - Math.max(0, (el.clientHeight - row.offsetHeight) / 2);
  let top: Element = row;
  while (top.previousElementSibling?.matches('.day-line, .new-line')) top = top.previousElementSibling;
  const begin = top.previousElementSibling;
  if (begin instanceof HTMLElement && begin.matches('.messages-begin') && begin.offsetHeight < el.clientHeight / 2) return 0;
  return (top as HTMLElement).offsetTop - 20;
};

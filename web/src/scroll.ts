import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../src/protocol/resources.js';

interface ScrollParts {
  rows: readonly Message[];
  /** Drawn below the rows. */
  tail: unknown;
  /** Whether the last row is the newest message. */
  isNewest: boolean;
  /** More is wanted above or below. */
  up: () => void;
  down: () => void;
}

/** As near to the end as counts as being there; as near to an edge as makes more be drawn. */
const nearEnd = 48;
const nearEdge = 500;

/**
 * Keeps a list of messages where the reader has it. At the end it stays at the end; anywhere else the row that is read
 * stays in its place when rows come or go above it.
 */
export const useScroll = ({ rows, tail, isNewest, up, down }: ScrollParts) => {
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ row: string; offset: number } | null>(null);
  const sticks = useRef(true);
  const wanted = useRef<{ seq: number; block: 'start' | 'center' } | null>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);

  const note = useCallback((): void => {
    const el = box.current;
    if (!el) return;
    const atEnd = el.scrollHeight - el.scrollTop - el.clientHeight < nearEnd;
    sticks.current = atEnd;
    setIsAtEnd(atEnd);
    const first = firstVisible(el);
    anchor.current = first && { row: first.dataset.seq ?? '', offset: first.offsetTop - el.scrollTop };
  }, []);

  const onScroll = (): void => {
    const el = box.current;
    if (!el) return;
    note();
    if (el.scrollTop < nearEdge) up();
    else if (el.scrollHeight - el.scrollTop - el.clientHeight < nearEdge) down();
  };
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    if (wanted.current) {
      const { seq, block } = wanted.current;
      const row = el.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
      // An address may name what is not there.
      wanted.current = null;
      if (!row) return;
      const above = block === 'center' ? Math.max(0, (el.clientHeight - row.offsetHeight) / 2) : 64;
      el.scrollTop = row.offsetTop - above;
      note();
      return;
    }
    if (sticks.current && isNewest) {
      el.scrollTop = el.scrollHeight;
      return;
    }
    const row = anchor.current && el.querySelector<HTMLElement>(`[data-seq="${anchor.current.row}"]`);
    if (!row || !anchor.current) return;
    const top = row.offsetTop - anchor.current.offset;
    if (Math.abs(el.scrollTop - top) > 1) el.scrollTop = top;
  }, [rows, tail]);

  // A list that does not fill its box cannot be scrolled, and would never ask for more.
  useEffect(() => {
    const el = box.current;
    if (el && rows.length > 0 && el.scrollHeight <= el.clientHeight + nearEdge && el.scrollTop < nearEdge) up();
  }, [rows]);

  // The keyboard of a phone, a growing composer or a late font change the box's or the rows' height.
  useEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const sizes = new ResizeObserver(() => {
      if (sticks.current) el.scrollTop = el.scrollHeight;
    });
    sizes.observe(el);
    return () => sizes.disconnect();
  }, []);

  const toEnd = useCallback((): void => {
    sticks.current = true;
    setIsAtEnd(true);
    const el = box.current;
    if (el) el.scrollTop = el.scrollHeight;
  }, []);

  /** Brings a row into view as soon as it is drawn. */
  const showNext = useCallback((seq: number, block: 'start' | 'center'): void => {
    sticks.current = false;
    wanted.current = { seq, block };
  }, []);

  return { box, onScroll, isAtEnd, toEnd, showNext };
};

/** The topmost row that is to be seen; rows are in order, so it is looked for by halves. */
const firstVisible = (el: HTMLElement): HTMLElement | null => {
  const rows = el.querySelectorAll<HTMLElement>('[data-seq]');
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle]!;
    if (row.offsetTop + row.offsetHeight > el.scrollTop) high = middle;
    else low = middle + 1;
  }
  return rows[low] ?? null;
};

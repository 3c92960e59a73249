import { shedOrder, type Work } from '../../catalogue/work.js';

export { shedOrder, type Work };

/** How busy a node is. */
export interface Load {
  /** The longest delay of the event loop since the last look, ms. */
  loopDelayMs: number;
  /** Messages that wait in all mailboxes, and asks that wait for their answers beside the turns. */
  waiting: number;
  /** How long the oldest write of messages has been waiting for the store, ms. */
  commitMs: number;
}

/** How many kinds of work are shed: 0 none, 5 all of `shedOrder`. */
export interface ShedState {
  readonly level: number;
  /** By level from 1: since when the load has called for it at every look, on the monotonic clock. */
  readonly calledSince: readonly (number | undefined)[];
  /** Since when the load has been low enough for one level less, on the monotonic clock. */
  readonly calmSince: number | undefined;
}

interface Mark extends Load {
  /** A level begins when the load has called for it for so long, ms. Never by one look: a pause of the process is no load. */
  forMs: number;
}

/**
 * Load at which each level begins. A machine that is short of cores delays the loop too, without any work being too much yet.
 * What waits for the store is helped by leaving out what else burdens it. Connections and sends are not refused for it: a store
 * that is away is no overload, and sends that wait too long are answered by their thread.
 */
const marks: readonly Mark[] = [
  { loopDelayMs: 250, waiting: 5_000, commitMs: 750, forMs: 500 },
  { loopDelayMs: 400, waiting: 10_000, commitMs: 1_500, forMs: 500 },
  { loopDelayMs: 700, waiting: 20_000, commitMs: 3_000, forMs: 750 },
  { loopDelayMs: 1_200, waiting: 40_000, commitMs: Number.POSITIVE_INFINITY, forMs: 1_000 },
  { loopDelayMs: 2_000, waiting: 80_000, commitMs: Number.POSITIVE_INFINITY, forMs: 2_000 },
];
/** A level ends when the load has been below half of its beginning for so long. */
const calmMs = 2_000;

export const nothingShed: ShedState = { level: 0, calledSince: marks.map(() => undefined), calmSince: undefined };

const reaches = (load: Load, mark: Load, share: number): boolean =>
  load.loopDelayMs >= mark.loopDelayMs * share || load.waiting >= mark.waiting * share || load.commitMs >= mark.commitMs * share;

/**
 * Up to the highest level that every look has called for long enough: a pause of the process is one look, however long it was, and
 * sheds nothing. One level down after each calm time, so that it does not swing.
 */
export const nextShed = ({ level, calledSince, calmSince }: ShedState, load: Load, now: number): ShedState => {
  const called = marks.map((mark, at) => (reaches(load, mark, 1) ? (calledSince[at] ?? now) : undefined));
  const due = marks.findLastIndex(({ forMs }, at) => now - (called[at] ?? now) >= forMs) + 1;
  if (due > level) return { level: due, calledSince: called, calmSince: undefined };
  const current = marks[level - 1];
  if (!current || reaches(load, current, 0.5)) return { level, calledSince: called, calmSince: undefined };
  if (calmSince === undefined) return { level, calledSince: called, calmSince: now };
  if (now - calmSince < calmMs) return { level, calledSince: called, calmSince };
  return { level: level - 1, calledSince: called, calmSince: now };
};

export const isShed = (level: number, work: Work): boolean => shedOrder.indexOf(work) < level;

/** When to ask again, in ms: later the more is shed, and spread over twice that time so that not all come back at once. */
export const shedRetryMs = (level: number, random: number): number => Math.round(Math.max(1, level) * 500 * (1 + random));

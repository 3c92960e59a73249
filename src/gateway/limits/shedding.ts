/** What a node does for clients, in the order in which it stops doing it when there is too much. */
export const shedOrder = ['signal', 'search', 'history', 'connect', 'send'] as const;

/**
 * `signal`: typing and presence. `search`: search. `history`: what is read by REST. `connect`: new connections, joins and
 * syncs (without which a connection is worth little) and sign-ins. `send`: everything else, sends first of all.
 */
export type Work = (typeof shedOrder)[number];

/** How busy a node is. */
export interface Load {
  /** Mean delay of the event loop since the last look, ms. */
  loopDelayMs: number;
  /** Messages that wait in all mailboxes. */
  waiting: number;
}

/** How many kinds of work are shed: 0 none, 5 all of `shedOrder`. */
export interface ShedState {
  readonly level: number;
  /** Since when the load has been low enough for one level less, on the monotonic clock. */
  readonly calmSince: number | undefined;
}

export const nothingShed: ShedState = { level: 0, calmSince: undefined };

/** Load at which each level begins. A machine that is short of cores delays the loop too, without any work being too much yet. */
const begins: readonly Load[] = [
  { loopDelayMs: 200, waiting: 5_000 },
  { loopDelayMs: 400, waiting: 10_000 },
  { loopDelayMs: 700, waiting: 20_000 },
  { loopDelayMs: 1_200, waiting: 40_000 },
  { loopDelayMs: 2_000, waiting: 80_000 },
];
/** A level ends when the load has been below half of its beginning for so long. */
const calmMs = 2_000;

const reaches = (load: Load, mark: Load, share: number): boolean =>
  load.loopDelayMs >= mark.loopDelayMs * share || load.waiting >= mark.waiting * share;

/**
 * One level up at each look at which the load calls for more, so that one long pause of the process does not stop everything;
 * one level down after each calm time, so that it does not swing.
 */
export const nextShed = ({ level, calmSince }: ShedState, load: Load, now: number): ShedState => {
  const next = begins[level];
  if (next && reaches(load, next, 1)) return { level: level + 1, calmSince: undefined };
  const current = begins[level - 1];
  if (!current) return nothingShed;
  if (reaches(load, current, 0.5)) return { level, calmSince: undefined };
  if (calmSince === undefined) return { level, calmSince: now };
  return now - calmSince < calmMs ? { level, calmSince } : { level: level - 1, calmSince: now };
};

export const isShed = (level: number, work: Work): boolean => shedOrder.indexOf(work) < level;

/** When to ask again, in ms: later the more is shed, and spread over twice that time so that not all come back at once. */
export const shedRetryMs = (level: number, random: number): number => Math.round(Math.max(1, level) * 500 * (1 + random));

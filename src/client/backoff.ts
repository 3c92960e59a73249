/** A number in [0, 1). Passed in so that tests can fix it. */
export type Random = () => number;

export interface BackoffBounds {
  baseMs: number;
  maxMs: number;
}

/**
 * Full jitter: anything from nothing to the present ceiling, which doubles with each attempt. It spreads a crowd that
 * lost the same node evenly, which Socket.IO's own factor does not: past its ceiling most of its delays are the ceiling.
 */
export const fullJitter = (attempt: number, { baseMs, maxMs }: BackoffBounds, random: Random): number =>
  Math.round(random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30)));

/** What a server asked for, never shorter, and up to half as long again. */
export const atLeast = (ms: number, random: Random): number => Math.round(ms * (1 + random() / 2));

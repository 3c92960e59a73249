/** How many wrong passwords are free, and how the wait grows after them. */
export const guessing = {
  free: 5,
  firstMs: 1_000,
  longestMs: 15 * 60_000,
  /** Without a try for so long, what was counted is forgotten. */
  forgetMs: 24 * 3_600_000,
} as const;

/** How long nobody may try after so many wrong passwords: nothing at first, then twice as long each time, up to a bound. */
export const waitAfter = (failures: number): number =>
  failures < guessing.free ? 0 : Math.min(guessing.longestMs, guessing.firstMs * 2 ** (failures - guessing.free));

/** The wait after 1, 2, 3 … wrong passwords; the last one holds for all that follow. */
export const waitTable: readonly number[] = (() => {
  const waits: number[] = [];
  for (let failures = 1; waits.at(-1) !== guessing.longestMs; failures++) waits.push(waitAfter(failures));
  return waits;
})();

export interface GuessState {
  readonly failures: number;
  /** Until when nobody may try, ms. */
  readonly until: number;
  /** When the last try was let through, ms. */
  readonly at: number;
}

/**
 * Whether a try may be made now. One that is let through counts as wrong from the start, so that tries at the same moment count
 * each other; the right password clears the count. A try that is refused changes nothing: the wait does not grow by asking.
 */
export const nextTry = (before: GuessState | undefined, now: number): { refusedMs: number } | { state: GuessState } => {
  if (before && before.until > now) return { refusedMs: before.until - now };
  const failures = (before && before.at + guessing.forgetMs > now ? before.failures : 0) + 1;
  return { state: { failures, until: now + waitAfter(failures), at: now } };
};

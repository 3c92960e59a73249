import type { Act } from './history.js';
import { isAcknowledged, mayHaveHappened, type Operation, overAt } from './operation.js';

/**
 * Which of several writes to one place may stand at the end, each having taken effect at some moment between its call and its
 * answer: those after which no acknowledged one was begun, nor given a later rev.
 */
export const mayStand = <A extends Act>(writes: readonly Operation<A>[]): Operation<A>[] => {
  let lastBegun = -1;
  let lastRev = 0;
  for (const write of writes) {
    if (!isAcknowledged(write)) continue;
    lastBegun = Math.max(lastBegun, write.calledAt);
    lastRev = Math.max(lastRev, write.answer?.message?.rev ?? 0);
  }
  return writes.filter(
    (write) =>
      mayHaveHappened(write) && overAt(write) > lastBegun && (!isAcknowledged(write) || (write.answer?.message?.rev ?? lastRev) >= lastRev),
  );
};

/** The entries that show what was called and answered. */
export const entriesOf = (operations: readonly Operation[]): number[] =>
  operations.flatMap(({ calledAt, answer, answeredAt }) => (answer ? [calledAt, answeredAt] : [calledAt]));

import { type ErrorCode, errorTable } from '../../src/kernel/errors.js';
import type { Act, Answer, Call } from './history.js';

/** A call and what became of it. Times are positions in the history: its entries stand in the order of their recording. */
export interface Operation<A extends Act = Act> {
  readonly act: A;
  readonly call: Call;
  readonly calledAt: number;
  answer: Answer | undefined;
  /** Infinity: never answered, so that it may still take effect at any time. */
  answeredAt: number;
}

export const isAcknowledged = (operation: Operation): boolean => operation.answer?.outcome === 'ok';

/** Refused in a way that says: it was not done, and no retry under the same name changes that. */
export const isDefinitelyRefused = ({ answer }: Operation): boolean => {
  if (answer?.outcome !== 'refused' || answer.code === undefined) return false;
  if (answer.code === 'rate_limited') return true;
  const known = errorTable[answer.code as ErrorCode] as { retryable: boolean } | undefined;
  return known !== undefined && !known.retryable;
};

/** It may have been done, now or later. An acknowledged one was done between its call and its answer. */
export const mayHaveHappened = (operation: Operation): boolean => !isDefinitelyRefused(operation);

/** From when on it can no longer take effect. */
export const overAt = (operation: Operation): number => (isAcknowledged(operation) ? operation.answeredAt : Number.POSITIVE_INFINITY);

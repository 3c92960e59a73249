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
  /** Its refusal is about how its caller stood, which was changing: another try of it may have gone through. */
  stoodOtherwise?: boolean;
}

export const isAcknowledged = (operation: Operation): boolean => operation.answer?.outcome === 'ok';

/** Refused in a way that says: it was not done, and no retry under the same name changes that. */
export const isDefinitelyRefused = ({ answer, stoodOtherwise }: Operation): boolean => {
  if (answer?.outcome !== 'refused' || answer.code === undefined || stoodOtherwise) return false;
  if (answer.code === 'rate_limited') return true;
  const known = errorTable[answer.code as ErrorCode] as { retryable: boolean } | undefined;
  return known !== undefined && !known.retryable;
};

/** It may have been done, now or later. An acknowledged one was done between its call and its answer. */
export const mayHaveHappened = (operation: Operation): boolean => !isDefinitelyRefused(operation);

/** Ms for which a try of a call may still be under way after its caller gave it up: with a node that had stopped for a while. */
const underWayMs = 30_000;

/** Whether it, called before another one, may take effect after that one was called. */
export const mayOutlast = (operation: Operation, { calledAt, call }: Operation): boolean =>
  isAcknowledged(operation) ? operation.answeredAt > calledAt : mayHaveHappened(operation) && operation.call.at > call.at - underWayMs;

/** Whether it, called after another one was called, may take effect while a try of that one is under way. */
export const mayMeet = (operation: Operation, { calledAt, call, answer }: Operation): boolean =>
  operation.calledAt > calledAt && operation.call.at < (answer?.at ?? call.at) + underWayMs;

/** From when on it can no longer take effect. */
export const overAt = (operation: Operation): number => (isAcknowledged(operation) ? operation.answeredAt : Number.POSITIVE_INFINITY);

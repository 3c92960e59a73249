import type { Act } from './history.js';
import { isAcknowledged, mayMeet, mayOutlast, type Operation } from './operation.js';

type Changes<D extends Act['do']> = readonly Operation<Extract<Act, { do: D }>>[];

/** Codes that tell how the caller stood, not what it asked for. */
const aboutStanding = new Set(['forbidden', 'not_found', 'unauthenticated']);

/** Ms for which a thread may believe how somebody stood after that was changed: the message about it may be lost. */
const believedMs = 10_000;

/**
 * Whether an operation was refused for how its caller stood while that was changing: the caller was being removed while the call
 * was under way or shortly before, or came back while a try of it may still have been. Another try of the same call may have gone
 * through then.
 */
export const stoodOtherwise = (operation: Operation, removes: Changes<'remove'>, joins: Changes<'join'>): boolean => {
  const code = operation.answer?.code ?? '';
  if (!aboutStanding.has(code)) return false;
  if (code === 'unauthenticated') return true;
  const { member } = operation.call;
  const { calledAt, answeredAt } = operation;
  const wasJustBefore = (remove: Operation): boolean => isAcknowledged(remove) && (remove.answer?.at ?? 0) + believedMs > operation.call.at;
  return (
    removes.some(
      (remove) =>
        remove.act.whom === member &&
        remove.calledAt < answeredAt &&
        (remove.answeredAt > calledAt || wasJustBefore(remove) || mayOutlast(remove, operation)),
    ) ||
    joins.some(
      (join) => join.act.whom === member && (mayMeet(join, operation) || (join.calledAt < calledAt && mayOutlast(join, operation))),
    )
  );
};

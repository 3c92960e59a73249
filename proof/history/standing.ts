import type { Act, AuthorityAct } from './history.js';
import { isAcknowledged, mayMeet, mayOutlast, type Operation } from './operation.js';

type Changes<D extends Act['do']> = readonly Operation<Extract<Act, { do: D }>>[];

/** Codes that tell how the caller stood, not what it asked for. */
const aboutStanding = new Set(['forbidden', 'not_found', 'unauthenticated']);

/** Ms for which a thread may believe how somebody stood after that was changed: the message about it may be lost. */
const believedMs = 10_000;

/**
 * Whether an operation was refused for how its caller stood while that was changing: the caller was being removed while the call
 * was under way or shortly before, or came back while a try of it may still have been; or who views what was changing, for whomever.
 * Another try of the same call may have gone through then.
 */
export const stoodOtherwise = (
  operation: Operation,
  { removes, joins, authority }: { removes: Changes<'remove'>; joins: Changes<'join'>; authority: readonly Operation<AuthorityAct>[] },
): boolean => {
  const code = operation.answer?.code ?? '';
  if (!aboutStanding.has(code)) return false;
  if (code === 'unauthenticated') return true;
  const { member } = operation.call;
  const { calledAt, answeredAt } = operation;
  const wasJustBefore = (remove: Operation): boolean => isAcknowledged(remove) && (remove.answer?.at ?? 0) + believedMs > operation.call.at;
  return (
    ('thread' in operation.act && authority.some((change) => isAround(change, operation))) ||
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

/** Whether a change of who views what may have taken effect between the tries of an operation, or shortly before them. */
const isAround = (change: Operation, operation: Operation): boolean =>
  change.calledAt < operation.answeredAt &&
  (mayOutlast(change, operation) || (change.answer?.at ?? Number.POSITIVE_INFINITY) + believedMs > operation.call.at);

import type { StoredMessage } from '../history.js';
import type { Invariant } from '../invariant.js';
import { isAcknowledged, isDefinitelyRefused, type Operation } from '../operation.js';
import { nonceKey, push, type Timeline } from '../timeline.js';

/** Codes that tell how the sender stood, not what it sent: an earlier try of the same call may have gone through before that changed. */
const aboutStanding = new Set(['forbidden', 'not_found', 'unauthenticated']);

/** 3: a send that was refused or never answered is stored once or not at all; one that was refused for good is not, unless another try was not. */
export const unacknowledged: Invariant = (timeline, findings) => {
  const copies = new Map<string, StoredMessage[]>();
  for (const message of timeline.final.messages) {
    if (message.nonce === null) continue;
    const key = nonceKey(message.thread, message.author, message.nonce);
    push(copies, key, message);
    if (!timeline.sends.has(key)) findings.violate(3, `message ${message.id} is stored, and nobody sent it`);
  }
  for (const [key, attempts] of timeline.sends) {
    if (attempts.some(isAcknowledged)) continue;
    const stored = copies.get(key)?.length ?? 0;
    findings.count(stored > 0 ? 'unacknowledgedStored' : 'unacknowledgedNotStored');
    const { act, call } = attempts[0]!;
    const entries = attempts.flatMap((attempt) => [attempt.calledAt, ...(attempt.answer ? [attempt.answeredAt] : [])]);
    const name = `nonce ${act.nonce} of ${call.member}`;
    if (stored > 1) findings.violate(3, `${name}, never acknowledged, is stored ${stored} times`, entries);
    if (stored > 0 && attempts.every((attempt) => isDefinitelyRefused(attempt) && !stoodOtherwise(timeline, attempt)))
      findings.violate(3, `${name} was refused (${attempts.map(({ answer }) => answer?.code).join(', ')}), and is stored`, entries);
  }
};

/** So long an earlier try of a call that was answered may be under way, with a node that had stopped for a while. */
const underWayMs = 30_000;

/** Whether the sender was being removed while the call was under way, or came back while a try of it may still have been. */
const stoodOtherwise = ({ removes, joins }: Timeline, attempt: Operation): boolean => {
  const code = attempt.answer?.code ?? '';
  if (!aboutStanding.has(code)) return false;
  if (code === 'unauthenticated') return true;
  const { member } = attempt.call;
  return (
    removes.some(
      ({ act, calledAt, answeredAt }) => act.whom === member && calledAt < attempt.answeredAt && answeredAt > attempt.calledAt,
    ) || joins.some(({ act, call }) => act.whom === member && call.at > attempt.call.at && call.at < (attempt.answer?.at ?? 0) + underWayMs)
  );
};

import type { StoredMessage } from '../history.js';
import type { Invariant } from '../invariant.js';
import { isAcknowledged, isDefinitelyRefused } from '../operation.js';
import { nonceKey, push } from '../timeline.js';

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
    if (stored > 0 && attempts.every(isDefinitelyRefused))
      findings.violate(3, `${name} was refused (${attempts.map(({ answer }) => answer?.code).join(', ')}), and is stored`, entries);
  }
};

import type { Invariant } from '../invariant.js';
import { isAcknowledged } from '../operation.js';
import { nonceKey } from '../timeline.js';

/** 2, across time: what was acknowledged before another message was first sent stands before it. */
export const order: Invariant = ({ threads, sends }, findings) => {
  for (const [thread, messages] of threads) {
    // From the last message to the first: whichever of those behind was acknowledged earliest.
    let earliest: { id: string; answeredAt: number; seq: number } | undefined;
    for (let i = messages.length - 1; i >= 0; i--) {
      const { id, author, nonce, seq } = messages[i]!;
      if (nonce === null) continue;
      const attempts = sends.get(nonceKey(thread, author, nonce));
      if (!attempts) continue;
      const calledAt = attempts[0]!.calledAt;
      if (earliest && earliest.answeredAt < calledAt) {
        const what = `thread ${thread}: ${earliest.id} was acknowledged before ${id} was sent, and stands behind it (seq ${earliest.seq} and ${seq})`;
        findings.violate(2, what, [earliest.answeredAt, calledAt]);
      }
      for (const attempt of attempts) {
        if (isAcknowledged(attempt) && attempt.answeredAt < (earliest?.answeredAt ?? Number.POSITIVE_INFINITY))
          earliest = { id, answeredAt: attempt.answeredAt, seq };
      }
    }
  }
};

import type { StoredMessage } from '../history.js';
import type { Invariant } from '../invariant.js';
import { isAcknowledged } from '../operation.js';
import { nonceKey, push } from '../timeline.js';

/** 1: every acknowledged (thread, author, nonce) is stored once, under the acknowledged id and seq. */
export const acknowledged: Invariant = ({ sends, stored, final }, findings) => {
  const byNonce = new Map<string, StoredMessage[]>();
  for (const message of final.messages)
    if (message.nonce !== null) push(byNonce, nonceKey(message.thread, message.author, message.nonce), message);
  for (const [key, attempts] of sends) {
    const answered = attempts.filter(isAcknowledged);
    if (answered.length === 0) continue;
    findings.count('acknowledgedSends');
    const copies = byNonce.get(key) ?? [];
    const entries = attempts.flatMap((attempt) => [attempt.calledAt, ...(attempt.answer ? [attempt.answeredAt] : [])]);
    const name = `nonce ${attempts[0]!.act.nonce} of ${attempts[0]!.call.member}, acknowledged`;
    if (copies.length > 1) findings.violate(1, `${name}, is stored ${copies.length} times: seq ${seqs(copies)}`, entries);
    for (const { answer, calledAt, answeredAt } of answered) {
      const told = answer!.message;
      const kept = told ? stored.get(told.id) : copies[0];
      const around = [calledAt, answeredAt];
      if (!kept) findings.violate(1, `${name}${told ? ` as ${told.id} at seq ${told.seq}` : ''}, is not stored: lost`, around);
      else if (told && kept.seq !== told.seq)
        findings.violate(1, `${name} as ${told.id} at seq ${told.seq}, is stored at seq ${kept.seq}`, around);
      else if (copies.length > 0 && !copies.includes(kept))
        findings.violate(1, `${name} as ${kept.id}, is stored as ${copies[0]!.id} too: doubled`, entries);
    }
  }
};

const seqs = (messages: readonly StoredMessage[]): string => messages.map(({ seq }) => seq).join(' and ');

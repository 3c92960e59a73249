import type { Invariant } from '../invariant.js';
import { isAcknowledged } from '../operation.js';
import { entriesOf, mayStand } from '../register.js';

/** 9, reactions: of one member with one emoji, what the last definite call said stands; nobody reacts who did not call for it. */
export const reactions: Invariant = ({ stored, final, reactions: all }, findings) => {
  const present = new Set<string>();
  for (const message of final.messages) {
    for (const { emoji, members } of message.reactions) for (const member of members) present.add(`${message.id} ${emoji} ${member}`);
  }
  for (const [key, calls] of all) {
    const { act, call } = calls[0]!;
    const message = stored.get(act.message);
    // A deletion takes the reactions along.
    if (!message || message.deleted) continue;
    const stands = present.has(key);
    const candidates = mayStand(calls);
    const isAllowed = candidates.some(({ act: { on } }) => on === stands) || (!stands && !calls.some(isAcknowledged));
    if (isAllowed) continue;
    const what = `${act.emoji} of ${call.member} on message ${act.message} is ${stands ? 'there' : 'not there'} against the calls for it`;
    findings.violate(9, what, entriesOf(calls));
  }
  for (const message of final.messages) {
    if (message.nonce === null) continue;
    for (const { emoji, members } of message.reactions) {
      if (new Set(members).size < members.length) findings.violate(9, `${emoji} on message ${message.id} counts a member twice`);
      for (const member of members) {
        if (!all.has(`${message.id} ${emoji} ${member}`))
          findings.violate(9, `${emoji} of ${member} stands on message ${message.id}, and was never called for`);
      }
    }
  }
};

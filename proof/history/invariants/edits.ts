import type { Invariant } from '../invariant.js';
import { isAcknowledged } from '../operation.js';
import { entriesOf, mayStand } from '../register.js';
import { nonceKey } from '../timeline.js';

/** 9, edits: the text that stands is one that the calls allow: of acknowledged edits, none that another was begun after. */
export const edits: Invariant = ({ final, edits: all, sends }, findings) => {
  for (const message of final.messages) {
    if (message.deleted) continue;
    const sent = message.nonce === null ? undefined : sends.get(nonceKey(message.thread, message.author, message.nonce));
    const writes = all.get(message.id) ?? [];
    if (!sent && writes.length === 0) continue;
    const candidates = mayStand(writes);
    if (candidates.some(({ act }) => act.content === message.content)) continue;
    // Every edit comes after the message, so the first text stands only where no edit was acknowledged.
    const isEdited = writes.some(isAcknowledged);
    if (!isEdited && (!sent || sent.some(({ act }) => act.content === message.content))) continue;
    findings.violate(
      9,
      `message ${message.id} (seq ${message.seq}) has a text that its edits do not lead to: an edit was lost or came back`,
      [...entriesOf(sent ?? []), ...entriesOf(writes)],
    );
  }
};

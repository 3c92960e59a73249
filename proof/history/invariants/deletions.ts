import { isDeleted } from '../../../src/protocol/resources.js';
import type { Invariant } from '../invariant.js';
import { isAcknowledged, mayHaveHappened } from '../operation.js';
import { entriesOf } from '../register.js';
import type { Timeline } from '../timeline.js';

/** 9, deletions: what was deleted stays so, its text is gone from the store and is never served again. */
export const deletions: Invariant = (timeline, findings, { inFlightMs }) => {
  const { final, deletes } = timeline;
  for (const message of final.messages) {
    const calls = deletes.get(message.id) ?? [];
    const name = `message ${message.id} (seq ${message.seq})`;
    if (!message.deleted && calls.some(isAcknowledged)) findings.violate(9, `${name} was deleted, and is there again`, entriesOf(calls));
    if (message.deleted && (message.content !== '' || message.reactions.length > 0))
      findings.violate(9, `${name} is deleted, and its text or reactions are still stored`, entriesOf(calls));
    // Nonce null: a tombstone, made to close a hole.
    if (message.deleted && message.nonce !== null && !calls.some(mayHaveHappened))
      findings.violate(9, `${name} is deleted, and nobody deleted it`, entriesOf(calls));
  }
  const since = deletedSince(timeline);
  // By message and client: when it was shown the deletion, other than by an answer, which overtakes the events.
  const seenBy = new Map<string, { entry: number; at: number }>();
  for (const { message, client, member, at, entry, by, operation } of timeline.shown) {
    const reader = `${message.id} ${client}`;
    if (isDeleted(message)) {
      if (by !== 'answer' && !seenBy.has(reader)) seenBy.set(reader, { entry, at });
      continue;
    }
    const deletion = since.get(message.id);
    const seen = seenBy.get(reader);
    const what = `${member} was shown the text of ${message.id} after its deletion (${by})`;
    if (by === 'answer') {
      if (deletion && operation && operation.calledAt > deletion.entry) findings.violate(9, what, [deletion.entry, entry]);
    } else if (by === 'page') {
      if (deletion && at > deletion.at + inFlightMs) findings.violate(9, what, [deletion.entry, entry]);
    } else if (seen && (by === 'view' || at > seen.at + inFlightMs)) findings.violate(9, what, [seen.entry, entry]);
  }
};

/** The first acknowledgement of each message's deletion. */
const deletedSince = ({ deletes }: Timeline): Map<string, { entry: number; at: number }> => {
  const since = new Map<string, { entry: number; at: number }>();
  for (const [message, calls] of deletes) {
    for (const call of calls) {
      if (isAcknowledged(call) && call.answeredAt < (since.get(message)?.entry ?? Number.POSITIVE_INFINITY))
        since.set(message, { entry: call.answeredAt, at: call.answer!.at });
    }
  }
  return since;
};

import type { Invariant } from '../invariant.js';

/** 11: after quiet the search index holds the live messages and nothing else; of one (member, message, kind) there is one notification at most. */
export const followers: Invariant = ({ final, stored }, findings) => {
  if (final.indexed) {
    const indexed = new Set<string>();
    for (const { message } of final.indexed) {
      if (indexed.has(message)) findings.violate(11, `message ${message} is in the index twice`);
      indexed.add(message);
      const kept = stored.get(message);
      if (!kept) findings.violate(11, `message ${message} is in the index, and not stored`);
      else if (kept.deleted) findings.violate(11, `message ${message} is in the index, and deleted`);
    }
    for (const { id, deleted } of final.messages) {
      if (!deleted && !indexed.has(id)) findings.violate(11, `message ${id} is stored, and not in the index`);
    }
  }
  const told = new Set<string>();
  for (const { member, message, kind } of final.notifications) {
    const key = `${member} ${message} ${kind}`;
    if (told.has(key)) findings.violate(11, `${member} has two notifications (${kind}) of message ${message}`);
    told.add(key);
    if (!stored.has(message)) findings.violate(11, `${member} has a notification (${kind}) of message ${message}, which is not stored`);
  }
};

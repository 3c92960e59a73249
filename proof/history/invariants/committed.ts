import { isDeleted } from '../../../src/protocol/resources.js';
import type { StoredMessage } from '../history.js';
import type { Invariant } from '../invariant.js';
import { mayHaveHappened } from '../operation.js';
import { differenceFromStored } from '../shown.js';
import { nonceKey, type Shown, type Timeline } from '../timeline.js';

/** 5: nobody was shown what is not stored, what was not stored yet, or a text that nobody had asked for. */
export const committed: Invariant = (timeline, findings) => {
  const firstCommit = new Map<string, number>();
  for (const commits of timeline.commits.values()) {
    for (const { commit, entry } of commits) {
      const key = `${commit.message} ${commit.rev}`;
      if (!firstCommit.has(key)) firstCommit.set(key, entry);
    }
  }
  const texts = new Map<string, Map<string, number> | undefined>();
  for (const shown of timeline.shown) {
    const { message, entry, thread, by, member } = shown;
    const name = `${member} was shown ${message.id} at seq ${message.seq}, rev ${message.rev} (${by})`;
    const stored = timeline.stored.get(message.id);
    if (!stored || stored.thread !== thread) {
      findings.violate(5, `${name}, which is not stored`, [entry]);
      continue;
    }
    if (stored.seq !== message.seq) findings.violate(5, `${name}, which is stored at seq ${stored.seq}`, [entry]);
    if (message.rev > stored.rev) findings.violate(5, `${name}, which is stored at rev ${stored.rev}`, [entry]);
    // Views are compared with the store as a whole, when they say that they are caught up.
    if (message.rev === stored.rev && by !== 'view') {
      const difference = differenceFromStored(message, stored);
      if (difference !== undefined) findings.violate(5, `${name}: it ${difference} than is stored under that rev`, [entry]);
    }
    if (timeline.commits.has(thread)) {
      const committedAt = firstCommit.get(`${message.id} ${message.rev}`);
      if (committedAt === undefined) findings.violate(5, `${name}, which was never committed`, [entry]);
      else if (committedAt > entry) findings.violate(5, `${name}, which was committed only later`, [entry, committedAt]);
    }
    if (isDeleted(message)) continue;
    if (!texts.has(message.id)) texts.set(message.id, textsOf(timeline, stored));
    const since = texts.get(message.id);
    const asked = since?.get(message.content);
    if (since && (asked === undefined || asked > entry))
      findings.violate(5, `${name} with a text that nobody had written`, [entry, sentAt(timeline, shown)]);
  }
};

/** Each text that was asked for, with the position of the first call for it. Undefined: the message was there before the run. */
const textsOf = ({ sends, edits }: Timeline, stored: StoredMessage): Map<string, number> | undefined => {
  const attempts = stored.nonce === null ? undefined : sends.get(nonceKey(stored.thread, stored.author, stored.nonce));
  if (!attempts) return undefined;
  const texts = new Map<string, number>();
  for (const { act, calledAt } of [...attempts, ...(edits.get(stored.id) ?? []).filter(mayHaveHappened)]) {
    if (calledAt < (texts.get(act.content) ?? Number.POSITIVE_INFINITY)) texts.set(act.content, calledAt);
  }
  return texts;
};

const sentAt = ({ sends, stored }: Timeline, { message }: Shown): number | undefined => {
  const kept = stored.get(message.id);
  return kept?.nonce ? sends.get(nonceKey(kept.thread, kept.author, kept.nonce))?.[0]?.calledAt : undefined;
};

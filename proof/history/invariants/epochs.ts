import type { Findings } from '../findings.js';
import type { Commit, StoredMessage } from '../history.js';
import type { Invariant } from '../invariant.js';
import type { Timeline } from '../timeline.js';

/** 7: the epochs of a slot only grow; a write under an old epoch, after the new owner's first, finds a free seq or nothing, and is counted. */
export const epochs: Invariant = (timeline, findings) => {
  claims(timeline, findings);
  for (const [thread, messages] of timeline.threads) {
    const commits = timeline.commits.get(thread);
    if (commits) overCommits(thread, commits, findings);
    else overStored(messages, findings);
  }
};

const claims = ({ entries }: Timeline, findings: Findings): void => {
  const highest = new Map<number, { epoch: number; instance: string; entry: number }>();
  for (const [entry, it] of entries.entries()) {
    if (it.kind !== 'claimed' || it.served === false) continue;
    const before = highest.get(it.slot);
    if (before && it.epoch < before.epoch)
      findings.violate(7, `slot ${it.slot} went from epoch ${before.epoch} back to ${it.epoch} (${it.instance})`, [before.entry, entry]);
    else if (before && it.epoch === before.epoch && it.instance !== before.instance)
      findings.violate(7, `slot ${it.slot}: ${before.instance} and ${it.instance} both have epoch ${it.epoch}`, [before.entry, entry]);
    else if (!before || it.epoch > before.epoch) highest.set(it.slot, { epoch: it.epoch, instance: it.instance, entry });
  }
};

const overCommits = (thread: string, commits: readonly { commit: Commit; entry: number }[], findings: Findings): void => {
  const atSeq = new Map<number, { commit: Commit; entry: number }>();
  const atMessage = new Map<string, { commit: Commit; entry: number }>();
  let epoch = 0;
  for (const it of commits) {
    const { commit, entry } = it;
    const isOld = commit.epoch < epoch;
    epoch = Math.max(epoch, commit.epoch);
    if (isOld) findings.count('oldEpochCommits');
    const there = atSeq.get(commit.seq);
    const before = atMessage.get(commit.message);
    const again = before && before.commit.rev === commit.rev && before.commit.epoch === commit.epoch;
    const age = isOld ? `epoch ${commit.epoch}, older than ${epoch},` : `epoch ${commit.epoch}`;
    if (there && there.commit.message !== commit.message)
      findings.violate(7, `thread ${thread}: a write of ${age} put ${commit.message} over ${there.commit.message} at seq ${commit.seq}`, [
        there.entry,
        entry,
      ]);
    else if (before && !again && before.commit.rev >= commit.rev)
      findings.violate(7, `message ${commit.message}: a write of ${age} put rev ${commit.rev} over rev ${before.commit.rev}`, [
        before.entry,
        entry,
      ]);
    atSeq.set(commit.seq, it);
    if (!again) atMessage.set(commit.message, it);
  }
};

/** Without a record of the commits: a message's epoch is that of its last change, so along the revs the epochs show who wrote late. */
const overStored = (messages: readonly StoredMessage[], findings: Findings): void => {
  let epoch = 0;
  for (const message of [...messages].sort((a, b) => a.rev - b.rev)) {
    if (message.epoch < epoch) findings.count('oldEpochCommits');
    epoch = Math.max(epoch, message.epoch);
  }
};

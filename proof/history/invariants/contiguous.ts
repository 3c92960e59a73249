import type { Findings } from '../findings.js';
import type { Commit, StoredMessage } from '../history.js';
import type { Invariant } from '../invariant.js';
import type { Timeline } from '../timeline.js';

/** 2: the seqs of a thread are 1, 2, 3 … and so are its revs: each given once, none left out. */
export const contiguous: Invariant = (timeline, findings) => {
  for (const [thread, messages] of timeline.threads) {
    seqsOf(thread, messages, findings);
    const commits = timeline.commits.get(thread);
    revsOfStored(thread, messages, findings);
    if (commits) revsOfCommits(thread, messages, commits, findings);
  }
  places(timeline, findings);
};

const seqsOf = (thread: string, messages: readonly StoredMessage[], findings: Findings): void => {
  let expected = 1;
  for (const { seq, id } of messages) {
    if (seq < expected) findings.violate(2, `thread ${thread}: seq ${seq} is stored twice, also as ${id}`);
    else if (seq > expected) findings.violate(2, `thread ${thread}: seq ${expected} to ${seq - 1} is missing`);
    expected = seq + 1;
  }
};

const revsOfStored = (thread: string, messages: readonly StoredMessage[], findings: Findings): void => {
  const owners = new Map<number, string>();
  let highest = 0;
  for (const { id, rev } of messages) {
    const other = owners.get(rev);
    if (other !== undefined) findings.violate(2, `thread ${thread}: rev ${rev} is stored twice: ${other} and ${id}`);
    owners.set(rev, id);
    highest = Math.max(highest, rev);
  }
  // Each message took a rev when it was made.
  if (highest < messages.length) findings.violate(2, `thread ${thread}: ${messages.length} messages, and the highest rev is ${highest}`);
};

const revsOfCommits = (
  thread: string,
  messages: readonly StoredMessage[],
  commits: readonly { commit: Commit; entry: number }[],
  findings: Findings,
): void => {
  const byRev = new Map<number, { commit: Commit; entry: number }>();
  const last = new Map<string, { rev: number; entry: number }>();
  let highest = 0;
  for (const it of commits) {
    const { message, rev } = it.commit;
    const before = byRev.get(rev);
    if (before && before.commit.message !== message && !isLate(it.commit, before.commit, messages)) {
      findings.violate(2, `thread ${thread}: rev ${rev} was given to ${before.commit.message} and to ${message}`, [before.entry, it.entry]);
    }
    byRev.set(rev, it);
    last.set(message, { rev, entry: it.entry });
    highest = Math.max(highest, rev);
  }
  for (let rev = 1; rev <= highest; rev++) {
    if (!byRev.has(rev))
      findings.violate(2, `thread ${thread}: no change has rev ${rev}`, [byRev.get(rev - 1)?.entry, byRev.get(rev + 1)?.entry]);
  }
  for (const { id, rev } of messages) {
    const change = last.get(id);
    if (change && change.rev !== rev)
      findings.violate(2, `message ${id} is stored with rev ${rev}, and its last change had rev ${change.rev}`, [change.entry]);
  }
};

/**
 * Whether an old owner's write landed after another one's under a rev that was free again, and was given a new one since. Nobody
 * may have been shown it: see `places`.
 */
const isLate = (commit: Commit, before: Commit, messages: readonly StoredMessage[]): boolean =>
  commit.epoch < before.epoch && messages.some(({ id, rev }) => id === commit.message && rev > commit.rev);

/** A seq and a rev that anyone was shown belong to one message for ever. */
const places = ({ shown }: Timeline, findings: Findings): void => {
  const bySeq = new Map<string, Map<number, { id: string; entry: number }>>();
  const byRev = new Map<string, Map<number, { id: string; entry: number }>>();
  for (const { thread, message, entry } of shown) {
    for (const [name, map, place] of [
      ['seq', bySeq, message.seq],
      ['rev', byRev, message.rev],
    ] as const) {
      const taken = map.get(thread) ?? new Map<number, { id: string; entry: number }>();
      map.set(thread, taken);
      const first = taken.get(place);
      if (!first) taken.set(place, { id: message.id, entry });
      else if (first.id !== message.id)
        findings.violate(2, `thread ${thread}: ${name} ${place} was shown as ${first.id} and as ${message.id}`, [first.entry, entry]);
    }
  }
};

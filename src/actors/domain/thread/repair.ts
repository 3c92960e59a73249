import type { Known, MessageRecord } from '../../../store/contracts.js';

export interface Place {
  seq: number;
  rev: number;
}

/**
 * Places that are missing between `from` and the head, from the top down: a batch that ended half done left them. Each gets
 * the rev that its batch had for it, while that is above what subscribers have `seen` and free; else, and when `anew` says
 * that this was tried in vain, one behind the head.
 */
export const holesIn = (tail: readonly MessageRecord[], from: number, head: Place, seen: Place, anew: boolean): Place[] => {
  const bySeq = new Map(tail.map((m) => [m.seq, m]));
  const revs = new Set(tail.map((m) => m.rev));
  const holes: Place[] = [];
  let above: MessageRecord | undefined;
  for (let seq = head.seq; seq >= from; seq--) {
    const there = bySeq.get(seq);
    if (there) {
      above = there;
      continue;
    }
    const own = above ? above.rev - (above.seq - seq) : 0;
    holes.push({ seq, rev: !anew && own > seen.rev && !revs.has(own) ? own : head.rev + 1 + holes.length });
  }
  return holes;
};

/**
 * Records that one who has `seen` so much and asks what changed since would never get: a node that had been overtaken wrote
 * them, above the known seqs, under revs that others have gone past.
 */
export const hiddenIn = (tail: readonly MessageRecord[], seen: Place): MessageRecord[] =>
  tail.filter((m) => m.seq > seen.seq && m.rev <= seen.rev);

/**
 * Revs for `count` records that are to be found by all who have `seen` so much: those that are free between that and the head, since
 * a refused write may have left one empty, and then, or at once when `anew` says that this was tried in vain, those behind the head.
 */
export const revsFor = (count: number, tail: readonly MessageRecord[], head: Place, seen: Place, anew: boolean): number[] => {
  const taken = new Set(tail.map((m) => m.rev));
  const revs: number[] = [];
  for (let rev = anew ? head.rev + 1 : seen.rev + 1; revs.length < count; rev++) if (rev > head.rev || !taken.has(rev)) revs.push(rev);
  return revs;
};

/**
 * Records that an owner before has written since this activation began, under a rev that subscribers may have gone past
 * meanwhile. `newest`: as this activation knows the newest messages.
 */
export const lateIn = (
  changed: readonly MessageRecord[],
  known: Known,
  newest: { get(id: string): MessageRecord | undefined },
): MessageRecord[] =>
  changed.filter((m) => {
    if (m.rev > known.begunAt) return m.epoch < known.epoch;
    const before = newest.get(m.id);
    return before !== undefined && before.rev !== m.rev;
  });

import type { Invariant } from '../invariant.js';
import { isAcknowledged, isDefinitelyRefused, mayOutlast } from '../operation.js';
import { push, type Timeline } from '../timeline.js';

interface Absence {
  /** Ms: what reaches the member between these two is a breach. */
  from: number;
  to: number;
  removedAt: number;
}

/** 6: nothing of a community reaches a member longer than the stated bound after its removal was acknowledged, until it is called back. */
export const removal: Invariant = (timeline, findings) => {
  findings.count('removals', timeline.removes.filter(isAcknowledged).length);
  const absences = absencesOf(timeline);
  if (absences.size === 0) return;
  const { final, entries, memberOfClient } = timeline;
  const communityOf = new Map<string, string>();
  for (const { thread, community } of final.messages) communityOf.set(thread, community);
  const isPublic = new Set(final.publicCommunities ?? []);
  const look = (entry: number, at: number, member: string | undefined, thread: string, what: string, until = at): void => {
    const absence = absences.get(`${member} ${communityOf.get(thread)}`)?.find(({ from, to }) => at > from && until < to);
    if (!absence) return;
    const late = Math.round(at - absence.from);
    findings.violate(6, `${member} ${what} of thread ${thread} ${late} ms past the bound after its removal`, [absence.removedAt, entry]);
  };
  for (const [entry, it] of entries.entries()) {
    if (it.kind === 'seen') {
      if (it.by === 'page' && isPublic.has(communityOf.get(it.thread) ?? '')) continue;
      look(entry, it.at, it.member, it.thread, it.by === 'page' ? 'was served a page' : `received ${it.by}`);
    } else if (it.kind === 'receipt') look(entry, it.at, memberOfClient.get(it.client), it.thread, 'received a read receipt');
  }
  for (const operation of timeline.operations) {
    const { act, call, calledAt } = operation;
    // One that went on until its member was back may have been done then.
    if ('thread' in act && isAcknowledged(operation))
      look(calledAt, call.at, call.member, act.thread, `could ${act.do}`, operation.answer?.at);
  }
};

const absencesOf = ({ removes, joins, final }: Timeline): Map<string, Absence[]> => {
  const returns = new Map<string, Timeline['joins']>();
  for (const join of joins) {
    if (!isDefinitelyRefused(join)) push(returns, `${join.act.whom} ${join.act.community}`, join);
  }
  const absences = new Map<string, Absence[]>();
  for (const remove of removes) {
    if (!isAcknowledged(remove)) continue;
    const key = `${remove.act.whom} ${remove.act.community}`;
    // One that was called before and is under way may come after it.
    const back = returns.get(key)?.find((join) => join.calledAt > remove.calledAt || mayOutlast(join, remove));
    let from = remove.answer!.at + final.removalBoundMs;
    for (const lost of final.announcementsLost ?? []) {
      if (lost.from < from && lost.to > remove.call.at) from = Math.max(from, lost.to + final.removalBoundMs);
    }
    const to = back?.call.at ?? Number.POSITIVE_INFINITY;
    if (to > from) push(absences, key, { from, to, removedAt: remove.answeredAt });
  }
  return absences;
};

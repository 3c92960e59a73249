import type { Findings } from '../findings.js';
import type { Invariant } from '../invariant.js';
import { isAcknowledged } from '../operation.js';
import type { Timeline } from '../timeline.js';

interface Known {
  seq: number;
  entry: number;
}

/** 10: a read cursor that was told to anyone is never told lower again, and unread is what a recount gives. */
export const cursors: Invariant = (timeline, findings) => {
  const told = answers(timeline, findings);
  receipts(timeline, findings, told);
  for (const { thread, member, read_seq, unread } of timeline.final.cursors) {
    const name = `the cursor of ${member} in thread ${thread}`;
    const before = told.get(`${thread} ${member}`);
    if (before && before.seq > read_seq) findings.violate(10, `${name} was told as ${before.seq}, and is ${read_seq} now`, [before.entry]);
    const last = timeline.threads.get(thread)?.at(-1)?.seq ?? 0;
    if (read_seq > last) findings.violate(10, `${name} is ${read_seq}, behind the last message (${last})`, [before?.entry]);
    const recount = (timeline.threads.get(thread) ?? []).filter(({ seq, deleted }) => seq > read_seq && !deleted).length;
    if (unread !== recount) findings.violate(10, `${name}: ${unread} are said to be unread, a recount gives ${recount}`, [before?.entry]);
  }
};

/** Of calls one after the other, the later is answered with no less. Gives the highest answer of each cursor. */
const answers = ({ marks, entries }: Timeline, findings: Findings): Map<string, Known> => {
  const highest = new Map<string, Known>();
  const atCall = new Map<number, Known | undefined>();
  const byCall = new Map(
    marks.filter(isAcknowledged).flatMap((mark) => [[mark.calledAt, mark] as const, [mark.answeredAt, mark] as const]),
  );
  for (const entry of [...byCall.keys()].sort((a, b) => a - b)) {
    const { act, call, calledAt, answer } = byCall.get(entry)!;
    const key = `${act.thread} ${call.member}`;
    const it = entries[entry];
    if (it?.kind === 'call') {
      atCall.set(calledAt, highest.get(key));
      continue;
    }
    const seq = answer?.read_seq;
    if (seq === undefined) continue;
    const before = atCall.get(calledAt);
    if (before && before.seq > seq)
      findings.violate(10, `the cursor of ${call.member} in thread ${act.thread} went from ${before.seq} back to ${seq}`, [
        before.entry,
        entry,
      ]);
    if (seq > (highest.get(key)?.seq ?? -1)) highest.set(key, { seq, entry });
  }
  return highest;
};

/** Their order is not promised; but what a receipt said has been stored. */
const receipts = ({ entries }: Timeline, findings: Findings, told: Map<string, Known>): void => {
  const byReader = new Map<string, number>();
  for (const [entry, it] of entries.entries()) {
    if (it.kind !== 'receipt') continue;
    const key = `${it.thread} ${it.member}`;
    const reader = `${it.client} ${key}`;
    const before = byReader.get(reader) ?? 0;
    if (it.seq < before) findings.count('receiptsOutOfOrder');
    else byReader.set(reader, it.seq);
    if (it.seq > (told.get(key)?.seq ?? -1)) told.set(key, { seq: it.seq, entry });
  }
};

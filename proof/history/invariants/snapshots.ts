import type { View } from '../history.js';
import type { Invariant } from '../invariant.js';
import { differenceBetween } from '../shown.js';

/** 15: an old snapshot with the events since applied to it equals one that is read anew, as far as both reach back. */
export const snapshots: Invariant = ({ views }, findings) => {
  const open = new Map<number, { view: View; entry: number }>();
  for (const it of views) {
    const { pair } = it.view;
    if (pair === undefined || it.view.what === 'caught_up') continue;
    const other = open.get(pair);
    if (!other) {
      open.set(pair, it);
      continue;
    }
    open.delete(pair);
    const difference = differenceOf(other.view, it.view);
    if (difference === undefined) continue;
    findings.violate(15, `thread ${it.view.thread} of ${it.view.member}: ${other.view.what} against ${it.view.what}: ${difference}`, [
      other.entry,
      it.entry,
    ]);
  }
};

const differenceOf = (one: View, other: View): string | undefined => {
  if (one.head_rev !== other.head_rev) return `rev ${one.head_rev} against ${other.head_rev}`;
  const from = Math.max(one.messages[0]?.seq ?? 0, other.messages[0]?.seq ?? 0);
  const a = one.messages.filter(({ seq }) => seq >= from);
  const b = other.messages.filter(({ seq }) => seq >= from);
  for (const [i, message] of a.entries()) {
    const twin = b[i];
    const difference = twin ? differenceBetween(message, twin) : 'is in one of them alone';
    if (difference !== undefined) return `seq ${message.seq}: ${difference}`;
  }
  return a.length === b.length ? undefined : `${a.length} messages against ${b.length}`;
};

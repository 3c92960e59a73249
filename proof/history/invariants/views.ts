import type { Invariant } from '../invariant.js';
import { differenceFromStored } from '../shown.js';

/** 4: a view that says it is caught up equals the store, in order and without a hole, from its first message to the last. */
export const views: Invariant = ({ views: all, threads }, findings) => {
  for (const { view, entry } of all) {
    if (view.what !== 'caught_up') continue;
    findings.count('caughtUpViews');
    const stored = threads.get(view.thread) ?? [];
    const name = `the view of ${view.member} (${view.client}) of thread ${view.thread}`;
    const head = stored.reduce((highest, { rev }) => Math.max(highest, rev), 0);
    if (view.head_rev !== head) findings.violate(4, `${name} ends at rev ${view.head_rev}, the store at ${head}`, [entry]);
    const first = view.messages[0];
    const from = first ? stored.findIndex(({ seq }) => seq >= first.seq) : 0;
    const expected = from < 0 ? [] : stored.slice(from);
    if (view.messages.length !== expected.length)
      findings.violate(4, `${name} has ${view.messages.length} messages from its first on, the store ${expected.length}`, [entry]);
    for (const [i, message] of view.messages.entries()) {
      const kept = expected[i];
      const difference = kept ? differenceFromStored(message, kept) : 'is not in the store there';
      if (difference === undefined) continue;
      findings.violate(4, `${name}: message ${i + 1} of it ${difference} (seq ${message.seq})`, [entry]);
      break;
    }
  }
};

import { allOf, type ItemName, type LiveItem } from './items.js';
import type { LedgerDelta, LedgerMark } from './ledger-delta.js';
import type { LedgerState } from './ledger-state.js';

export const markOf = ({ rev, history }: LedgerState): LedgerMark | null => (history === null || rev < 0 ? null : { rev, history });

/** From a state to the present one, which must be whole; `names`: what may have changed since. */
export const deltaFrom = (after: LedgerMark, ledger: string, state: LedgerState, names: readonly ItemName[]): LedgerDelta => {
  const put: LiveItem[] = [];
  const removed: ItemName[] = [];
  for (const name of names) {
    const item = state.items.get(name.kind)?.get(name.key);
    if (item) put.push(item);
    else removed.push(name);
  }
  return { ledger, after, rev: state.rev, history: state.history ?? after.history, put, removed };
};

/** All that is known, which must be whole. */
export const wholeOf = (ledger: string, { rev, history, items }: LedgerState): LedgerDelta => ({
  ledger,
  after: null,
  rev,
  history: history ?? '',
  put: allOf(items),
  removed: [],
});

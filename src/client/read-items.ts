import type { FollowedLedgers } from './ledgers/ledger-reading.js';
import { ownLedger } from './own-ledger.js';

/**
 * Tells how far oneself has read threads, on whichever device, as items of the ledger `me` say it; answers how to stop.
 */
export const onReadItems = (ledgers: FollowedLedgers, tell: (threadId: string, seq: number) => void): (() => void) =>
  ledgers.onChange(({ ledger, items }) => {
    if (ledger !== ownLedger) return;
    const marks = ledgers.state(ownLedger).items<{ last_read_seq: number }>('read');
    for (const { kind, key } of items) {
      const mark = kind === 'read' ? marks.get(key) : undefined;
      if (mark) tell(key, mark.value.last_read_seq);
    }
  });

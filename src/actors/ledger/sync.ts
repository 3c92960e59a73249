import { type LedgerPage, ledgerBounds } from '../../protocol/ledgers.js';
import type { LedgerItemRecord, LedgerRepository } from '../../store/contracts.js';
import type { Ledger } from './ledger.js';
import { type SnapshotPlace, snapshotPart } from './snapshot.js';
import { toLedgerItem } from './tail.js';

export interface SyncAsk {
  /** What one knows; absent: nothing. */
  after_rev?: number;
  /** Goes on with a snapshot. */
  from?: SnapshotPlace;
}

export type SyncAnswer = Omit<LedgerPage, 'next_cursor'> & { next: SnapshotPlace | null };

/**
 * Of values in one answer, about, in bytes of JSON. More than one commit can have, so that a page holds a whole one at
 * least.
 */
const pageBytes = 262_144;

/** How many of them, from the first, go into one answer. */
const fitting = (items: readonly LedgerItemRecord[]): number => {
  let bytes = 0;
  let count = 0;
  for (const { value } of items) {
    bytes += 100 + (value === undefined ? 0 : JSON.stringify(value).length);
    if (count === ledgerBounds.page || (count > 0 && bytes > pageBytes)) return count;
    count++;
  }
  return count;
};

/**
 * What of a ledger somebody gets who knows so much. What must hold: every rev up to the answered one was acknowledged,
 * and every item that changed up to it, since what was asked, is in the answer or in one before it. It may be worked
 * out beside the turns.
 */
export const syncOf = async (ledger: Ledger, ledgers: LedgerRepository, { after_rev, from }: SyncAsk): Promise<SyncAnswer> => {
  await ledger.begin();
  const { head, floor } = ledger;
  if (from && from.start >= floor && from.start <= head) return snapshotPage(ledger, ledgers, from);
  if (from || after_rev === undefined || after_rev < floor || after_rev > head) {
    return { ...(await snapshotPage(ledger, ledgers, { start: head, kind: '', key: '' })), reset: true };
  }
  const recent = ledger.tail.changedAfter(after_rev)?.map((item) => ({ ledger: ledger.name, ...item }));
  if (recent && fitting(recent) === recent.length) {
    return { items: recent.map(toLedgerItem), rev: head, head_rev: head, reset: false, next: null };
  }
  await ledger.projected();
  const changed = await ledgers.changedAfter(ledger.name, after_rev, ledgerBounds.page + 1);
  // What was dropped meanwhile was deleted by commits that nobody can name any more.
  if (after_rev < ledger.floor) return syncOf(ledger, ledgers, {});
  const count = fitting(changed);
  const isAll = count === changed.length;
  // A page ends with a whole rev.
  const cut = changed[count]?.rev ?? 0;
  const items = isAll ? changed : changed.slice(0, count).filter(({ rev }) => rev < cut);
  return {
    items: items.map(toLedgerItem),
    rev: isAll ? Math.max(head, items.at(-1)?.rev ?? 0) : items.at(-1)!.rev,
    head_rev: ledger.head,
    reset: false,
    next: null,
  };
};

/** Whoever goes on from its start afterwards gets what changed while it was read. */
const snapshotPage = async (ledger: Ledger, ledgers: LedgerRepository, place: SnapshotPlace): Promise<SyncAnswer> => {
  await ledger.projected();
  const { items, next } = await snapshotPart(ledger, ledgers, place, fitting);
  return { items: items.map(toLedgerItem), rev: place.start, head_rev: ledger.head, reset: false, next };
};

import { ledgerBounds } from '../../protocol/ledgers.js';
import type { LedgerItemRecord, LedgerRepository } from '../../store/contracts.js';

/** Where a snapshot has come to: it began at a rev, and this was its last item. */
export interface SnapshotPlace {
  start: number;
  kind: string;
  key: string;
  /** Within a kind of which only the newest are given: those below this rev are still to come, */
  below?: number;
  /** and so many were given before. */
  given?: number;
}

type Read = Pick<LedgerRepository, 'living' | 'newest'>;
interface Part {
  items: LedgerItemRecord[];
  next: SnapshotPlace | null;
}
/** How many of them, from the first, go into one answer. */
type Fitting = (items: readonly LedgerItemRecord[]) => number;

/** Behind every key: names are printable ASCII. */
const lastKey = '\u007f';

/**
 * A part of a snapshot: items by kind and key; of a windowed kind the newest, newest first, and as many as a window
 * holds. What changes while it is read moves out of sight there, and follows by its rev.
 */
export const snapshotPart = async (
  ledger: { name: string; windowed: readonly string[] },
  ledgers: Read,
  place: SnapshotPlace,
  fitting: Fitting,
): Promise<Part> => {
  const items: LedgerItemRecord[] = [];
  for (let at: SnapshotPlace | null = place; at !== null; ) {
    const part: Part = await (at.below === undefined ? plain(ledger, ledgers, at) : newest(ledger.name, ledgers, at));
    const all = [...items, ...part.items];
    const count = fitting(all);
    if (count < all.length) {
      const more = part.items.slice(0, Math.max(0, count - items.length));
      const isWindow = at.below !== undefined;
      const kept = isWindow ? wholeRevs(more, part.items[more.length]!.rev) : more;
      const last = kept.at(-1);
      if (isWindow) return { items: [...items, ...kept], next: last ? behind(at, kept) : at };
      return { items: [...items, ...kept], next: last ? { start: at.start, kind: last.kind, key: last.key } : at };
    }
    items.push(...part.items);
    at = part.next;
  }
  return { items, next: null };
};

/** Items of one commit are in no order: a page that ends in a window ends with a whole rev. */
const wholeRevs = (items: readonly LedgerItemRecord[], cut: number): LedgerItemRecord[] => items.filter(({ rev }) => rev > cut);

const behind = (at: SnapshotPlace, given: readonly LedgerItemRecord[]): SnapshotPlace => ({
  ...at,
  below: given.at(-1)!.rev,
  given: (at.given ?? 0) + given.length,
});

/** Up to the next kind that has a window; one item more than a page. */
const plain = async (ledger: { name: string; windowed: readonly string[] }, ledgers: Read, at: SnapshotPlace): Promise<Part> => {
  const { start, kind, key } = at;
  const window = [...ledger.windowed].sort().find((name) => name > kind);
  const items = await ledgers.living(ledger.name, kind === '' ? null : { kind, key }, ledgerBounds.page + 1, window);
  const next = window === undefined ? null : { start, kind: window, key: '', below: Number.MAX_SAFE_INTEGER, given: 0 };
  return { items, next };
};

const newest = async (name: string, ledgers: Read, { start, kind, below, given = 0 }: SnapshotPlace): Promise<Part> => {
  const left = Math.min(ledgerBounds.window - given, ledgerBounds.page + 1);
  // A limit of none would be no limit.
  const items = left > 0 ? await ledgers.newest(name, kind, below ?? null, left) : [];
  return { items, next: { start, kind, key: lastKey } };
};

import { z } from 'zod';
import { seq } from './primitives.js';

/**
 * A ledger is the numbered log of commits of one subject, and the items that follow from it. Whoever knows its `rev =
 * n` gets, on any node and after any crash, every item that changed since, in its present state.
 */

/** Bounds that both sides know. */
export const ledgerBounds = {
  /** Changes in one commit; a page of changes holds whole commits. */
  changes: 200,
  /** Of one commit, in bytes of JSON. */
  commitBytes: 65_536,
  /** Items in one answer. */
  page: 500,
  /** Of a kind of which a snapshot has the newest alone. */
  window: 1_000,
  /** Ledgers in one `sync_ledgers`. */
  ledgers: 200,
  kind: 32,
  key: 128,
} as const;

const hex = '[0-9a-f]{24}';
/** As clients name it. */
export const ledgerName = z
  .string()
  .max(96)
  .regex(
    new RegExp(`^(?:me|thread:${hex}|community:${hex}(?::[a-z_]{1,32})?)$`),
    'must be me, community:<id>, community:<id>:<permission> or thread:<id>',
  )
  .meta({ example: 'me' });

const named = (most: number) => z.string().regex(new RegExp(`^[!-~]{1,${most}}$`), 'must be printable ASCII without blanks');
const itemName = { kind: named(ledgerBounds.kind), key: named(ledgerBounds.key), rev: seq };
/** An item in its present state, or that it is gone. */
export const ledgerItem = z.union([
  z.object({ ...itemName, deleted: z.literal(true) }),
  z.object({ ...itemName, value: z.unknown().meta({ description: 'As its kind says' }) }),
]);

export const history = z
  .string()
  .regex(new RegExp(`^${hex}$`), 'must be a history of 24 hex digits')
  .meta({ description: "Names this store's life: a restored backup begins a new one", example: '665f1c2ab3d4e5f60718293b' });

export const ledgerPage = z.object({
  items: z.array(ledgerItem),
  rev: seq.meta({ description: 'What one knows after this page; during a snapshot where that began' }),
  head_rev: seq,
  reset: z.boolean().meta({ description: 'Drop what you knew: a snapshot begins' }),
  next_cursor: z
    .string()
    .nullable()
    .meta({ description: 'Of a snapshot: there is more. Null: go on with after_rev until rev is head_rev' }),
});

export const ledgerChanged = z.object({
  ledger: ledgerName,
  after_rev: seq,
  head_rev: seq,
  items: z.array(ledgerItem),
});

export type LedgerItem = z.output<typeof ledgerItem>;
export type LedgerPage = z.output<typeof ledgerPage>;
export type LedgerChanged = z.output<typeof ledgerChanged>;

/** Of an update of an item: what one knows of it. */
export const ifRev = seq
  .optional()
  .meta({ description: 'The rev of the item that one knows, 0 when it is not there. Is it another one by now: `conflict`, with the item' });

/** How many bytes a value takes as JSON. */
export const jsonBytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

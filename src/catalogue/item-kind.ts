import type { z } from 'zod';

/** What stands in a ledger under one kind. */
export interface ItemKind<S extends z.ZodType = z.ZodType> {
  /** Unique among all features. */
  kind: string;
  /** In which ledgers it stands. */
  ledger: 'me' | 'community' | 'thread' | 'permission';
  /** In which others it stands as well. */
  also?: readonly ItemKind['ledger'][];
  /** What it is, and what its key names. */
  summary: string;
  value: S;
  /** What one ledger has of it at most: items, and bytes of JSON of one value. Whoever commits it sees to both. */
  most?: { items: number; valueBytes: number };
  /** Of these a snapshot gives the newest 1,000: that one is not in it proves nothing. */
  windowed?: true;
}

/** Keeps the types of what is stated. */
export const defineItem = <S extends z.ZodType>(item: ItemKind<S>): ItemKind<S> => item;

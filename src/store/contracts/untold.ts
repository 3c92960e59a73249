/** A record that its member's ledger may not show as it is. */
export interface Untold<R> {
  /** The record's name among its member's: the key of its item. */
  key: string;
  /** Another one after each write. */
  mark: string;
  /** Null: it was taken away, and nothing but its name is kept until that is told. */
  record: R | null;
}

/**
 * Records that a member's ledger copies, or a community's (of threads: `member` stands for the community). What must
 * hold: whatever changes what an item shows sets a mark in the same write, so that no crash comes between. A mark goes
 * when the ledger has what was read with it, and only if it is that one still.
 */
export interface UntoldRecords<R> {
  /** Of one member, the longest untold first. */
  untold(memberId: string, limit: number): Promise<Untold<R>[]>;
  /** Takes these marks away where they are still the ones, and what is left of records that were taken away. */
  told(memberId: string, those: readonly Untold<R>[]): Promise<void>;
  /**
   * Whose records were marked before a time (ms) and are untold still: members by id, from the first after `after`.
   * `limit`: records that are looked at. Null in place of the list: there are none behind `after`.
   */
  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null>;
}

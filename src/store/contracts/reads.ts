import type { UntoldRecords } from './untold.js';

export interface ReadRecord {
  thread_id: string;
  member_id: string;
  seq: number;
  at: number;
  /**
   * Its member has not marked so much: their own message moved it, or it was found out. So their ledger may not show
   * it.
   */
  is_quiet?: true;
}

/** How far members have read. The key of a record among its member's is its thread. */
export interface ReadRepository extends UntoldRecords<ReadRecord> {
  get(threadId: string, memberId: string): Promise<ReadRecord | null>;
  forMember(memberId: string, threadIds: readonly string[]): Promise<ReadRecord[]>;
  /**
   * Raises cursors; a lower seq changes nothing, the same one again makes its record as young as it says. What is not
   * quiet marks untold what it raises, and what was quiet until then.
   */
  raise(records: readonly ReadRecord[]): Promise<void>;
  /** Of one thread, by member, from the first after `after`. */
  inThread(threadId: string, after: string | undefined, limit: number): Promise<ReadRecord[]>;
  /**
   * Marks untold those that are there, and quiet: their ledgers are to leave them out, and show them again when their
   * members mark them again.
   */
  leaveOut(those: readonly Pick<ReadRecord, 'thread_id' | 'member_id'>[]): Promise<void>;
  /**
   * Takes away every one of a thread that was deleted, in steps; what is left of each goes once its member's ledger
   * knows.
   */
  removeByThread(threadId: string): Promise<void>;
}

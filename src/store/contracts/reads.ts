export interface ReadRecord {
  thread_id: string;
  member_id: string;
  seq: number;
  at: number;
}

export interface ReadRepository {
  get(threadId: string, memberId: string): Promise<ReadRecord | null>;
  forMember(memberId: string, threadIds: readonly string[]): Promise<ReadRecord[]>;
  /** Raises cursors; a lower seq changes nothing, the same one again makes its record as young as it says. */
  raise(records: readonly ReadRecord[]): Promise<void>;
}

export interface ReadRecord {
  thread_id: string;
  member_id: string;
  seq: number;
  at: number;
}

export interface ReadRepository {
  get(threadId: string, memberId: string): Promise<ReadRecord | null>;
  forMember(memberId: string, threadIds: readonly string[]): Promise<ReadRecord[]>;
  /** Raises cursors; a lower seq changes nothing. */
  raise(records: readonly ReadRecord[]): Promise<void>;
}

import type { ReadRecord, ReadRepository } from '../contracts.js';
import { copiesOf, copyOrNull } from './order.js';

const keyOf = (threadId: string, memberId: string): string => `${threadId} ${memberId}`;

export class MemoryReads implements ReadRepository {
  readonly #reads = new Map<string, ReadRecord>();

  async get(threadId: string, memberId: string): Promise<ReadRecord | null> {
    return copyOrNull(this.#reads.get(keyOf(threadId, memberId)));
  }

  async forMember(memberId: string, threadIds: readonly string[]): Promise<ReadRecord[]> {
    return copiesOf(
      this.#reads,
      threadIds.map((threadId) => keyOf(threadId, memberId)),
    );
  }

  async raise(records: readonly ReadRecord[]): Promise<void> {
    for (const record of records) {
      const key = keyOf(record.thread_id, record.member_id);
      const known = this.#reads.get(key);
      if (!known || known.seq < record.seq || (known.seq === record.seq && known.at < record.at))
        this.#reads.set(key, structuredClone(record));
    }
  }
}

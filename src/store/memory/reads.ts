import type { Clock } from '../../kernel/clock.js';
import type { ReadRecord, ReadRepository, Untold } from '../contracts.js';
import { ascending, copiesOf, copyOrNull } from './order.js';
import { MemoryUntold } from './untold.js';

const keyOf = (threadId: string, memberId: string): string => `${threadId} ${memberId}`;

export class MemoryReads implements ReadRepository {
  readonly #reads = new Map<string, ReadRecord>();
  readonly #untold: MemoryUntold<ReadRecord>;

  constructor(clock: Clock) {
    this.#untold = new MemoryUntold(clock, (memberId, threadId) => this.#reads.get(keyOf(threadId, memberId)));
  }

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
    for (const record of records) this.#raise(record);
  }

  #raise({ is_quiet, ...record }: ReadRecord): void {
    const { thread_id, member_id, seq, at } = record;
    const key = keyOf(thread_id, member_id);
    const known = this.#reads.get(key);
    if (known && known.seq > seq) return;
    const isHigher = !known || known.seq < seq;
    const youngest = isHigher ? at : Math.max(at, known.at);
    const isQuiet = is_quiet ? isHigher || known.is_quiet : false;
    this.#reads.set(key, { ...record, at: youngest, ...(isQuiet && { is_quiet: true }) });
    if (!is_quiet && (isHigher || known.is_quiet)) this.#untold.mark(member_id, thread_id);
  }

  async inThread(threadId: string, after: string | undefined, limit: number): Promise<ReadRecord[]> {
    return [...this.#reads.values()]
      .filter(({ thread_id, member_id }) => thread_id === threadId && (after === undefined || member_id > after))
      .sort((a, b) => ascending(a.member_id, b.member_id))
      .slice(0, limit)
      .map((one) => structuredClone(one));
  }

  async leaveOut(those: readonly Pick<ReadRecord, 'thread_id' | 'member_id'>[]): Promise<void> {
    for (const { thread_id, member_id } of those) {
      const known = this.#reads.get(keyOf(thread_id, member_id));
      if (!known) continue;
      known.is_quiet = true;
      this.#untold.mark(member_id, thread_id);
    }
  }

  async removeByThread(threadId: string): Promise<void> {
    for (const [key, { thread_id, member_id }] of this.#reads) {
      if (thread_id !== threadId) continue;
      this.#reads.delete(key);
      this.#untold.mark(member_id, thread_id);
    }
  }

  untold(memberId: string, limit: number): Promise<Untold<ReadRecord>[]> {
    return this.#untold.untold(memberId, limit);
  }

  told(memberId: string, those: readonly Untold<ReadRecord>[]): Promise<void> {
    return this.#untold.told(memberId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }
}

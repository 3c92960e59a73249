import type { Slice, ThreadPatch, ThreadRecord, ThreadRepository } from '../contracts.js';
import { ascending, behind, copiesOf, copyOrNull, patched } from './order.js';

type ThreadPlace = { is_pinned: boolean; last_activity: number; id: string };

const order = (a: ThreadPlace, b: ThreadPlace): number =>
  Number(b.is_pinned) - Number(a.is_pinned) || b.last_activity - a.last_activity || ascending(a.id, b.id);

/** Nobody mentioned is nothing kept, as in the database. */
const withoutNobody = (thread: ThreadRecord): ThreadRecord => {
  if (thread.mentions?.length) return thread;
  const { mentions: _, mention_names: __, ...rest } = thread;
  return rest;
};

export class MemoryThreads implements ThreadRepository {
  readonly #threads = new Map<string, ThreadRecord>();

  async insert(thread: ThreadRecord): Promise<void> {
    if (!this.#threads.has(thread.id)) this.#threads.set(thread.id, withoutNobody(structuredClone(thread)));
  }

  async putMissing(threads: readonly ThreadRecord[]): Promise<void> {
    for (const thread of threads) await this.insert(thread);
  }

  async byId(id: string): Promise<ThreadRecord | null> {
    return copyOrNull(this.#threads.get(id));
  }

  async byIds(ids: readonly string[]): Promise<ThreadRecord[]> {
    return copiesOf(this.#threads, ids);
  }

  async update(id: string, patch: ThreadPatch): Promise<ThreadRecord | null> {
    const changed = patched(this.#threads, id, patch);
    if (!changed) return null;
    this.#threads.set(id, withoutNobody(this.#threads.get(id)!));
    return withoutNobody(changed);
  }

  async setHeads(
    heads: readonly { id: string; last_seq: number; head_rev: number; message_count: number; last_activity: number }[],
  ): Promise<void> {
    for (const head of heads) {
      const thread = this.#threads.get(head.id);
      if (!thread || head.head_rev < thread.head_rev) continue;
      const { last_seq, head_rev, message_count, last_activity } = head;
      patched(this.#threads, head.id, { last_seq, head_rev, message_count, last_activity });
    }
  }

  async listByCommunity(communityId: string, slice: Slice<ThreadPlace>): Promise<ThreadRecord[]> {
    const matches = (thread: ThreadRecord): boolean =>
      thread.community_id === communityId && thread.deleted_at === null && (!slice.after || order(thread, slice.after) > 0);
    return behind(this.#threads.values(), order, matches, slice.limit);
  }

  async latestActivity(communityIds: readonly string[]): Promise<Map<string, number>> {
    const latest = new Map<string, number>();
    for (const { community_id, last_activity, deleted_at } of this.#threads.values()) {
      if (deleted_at !== null || !communityIds.includes(community_id)) continue;
      latest.set(community_id, Math.max(last_activity, latest.get(community_id) ?? 0));
    }
    return latest;
  }

  async deleteByCommunity(communityId: string, at: number): Promise<number> {
    let count = 0;
    for (const thread of this.#threads.values()) {
      if (thread.community_id !== communityId || thread.deleted_at !== null) continue;
      thread.deleted_at = at;
      count += 1;
    }
    return count;
  }
}

import { type Audience, closureOf, isSeenBy, namedIn } from '../../authority/closure.js';
import { memberSubject } from '../../authority/snapshot.js';
import type { Clock } from '../../kernel/clock.js';
import { overridesOf } from '../closing.js';
import type {
  ClosedThread,
  OverridesChange,
  Slice,
  ThreadHead,
  ThreadPatch,
  ThreadRecord,
  ThreadRepository,
  Untold,
} from '../contracts.js';
import { changesItem, isToldToAll, overridesChangeItems } from '../thread-items.js';
import { ascending, behind, copiesOf, copyOrNull, patched } from './order.js';
import { MemoryUntold } from './untold.js';

type ThreadPlace = { is_pinned: boolean; last_activity: number; id: string };

const order = (a: ThreadPlace, b: ThreadPlace): number =>
  Number(b.is_pinned) - Number(a.is_pinned) || b.last_activity - a.last_activity || ascending(a.id, b.id);

/** Nobody mentioned is nothing kept, and no override either, as in the database. */
const withoutNobody = (thread: ThreadRecord): ThreadRecord => {
  const { mentions, mention_names, overrides, ...rest } = thread;
  return {
    ...rest,
    ...(mentions?.length && { mentions, ...(mention_names && { mention_names }) }),
    ...(overridesOf(thread).length > 0 && { overrides: [...overridesOf(thread)] }),
  };
};

type Active = Pick<ThreadRecord, 'last_activity' | 'id'>;
const latestFirst = (a: Active, b: Active): number => b.last_activity - a.last_activity || ascending(a.id, b.id);

const closure = ({ community_id, overrides }: ThreadRecord) => closureOf(community_id, overrides);
const isSeen = (audience: Audience, thread: ThreadRecord): boolean => isSeenBy(thread.community_id, audience, closure(thread));

export class MemoryThreads implements ThreadRepository {
  readonly #threads = new Map<string, ThreadRecord>();
  readonly #untold: MemoryUntold<ThreadRecord>;

  constructor(clock: Clock) {
    this.#untold = new MemoryUntold(clock, (communityId, id) => {
      const thread = this.#threads.get(id);
      return thread?.community_id === communityId ? thread : undefined;
    });
  }

  async insert(thread: ThreadRecord): Promise<void> {
    if (this.#threads.has(thread.id)) return;
    this.#threads.set(thread.id, withoutNobody(structuredClone(thread)));
    if (isToldToAll(thread)) this.#untold.mark(thread.community_id, thread.id);
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
    if (changesItem(patch)) this.#untold.mark(changed.community_id, id);
    return withoutNobody(changed);
  }

  async setOverrides({ id }: Pick<ThreadRecord, 'id' | 'community_id'>, change: OverridesChange): Promise<boolean> {
    overridesOf(change);
    const before = this.#threads.get(id);
    if (!before || (before.overrides_version ?? 0) !== change.overrides_version - 1) return false;
    this.#threads.set(id, withoutNobody({ ...before, ...structuredClone(change) }));
    if (overridesChangeItems(change)) this.#untold.mark(before.community_id, id);
    return true;
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

  async listByCommunity(communityId: string, slice: Slice<ThreadPlace>, audience: Audience): Promise<ThreadRecord[]> {
    const matches = (thread: ThreadRecord): boolean =>
      thread.community_id === communityId &&
      thread.deleted_at === null &&
      isSeen(audience, thread) &&
      (!slice.after || order(thread, slice.after) > 0);
    return behind(this.#threads.values(), order, matches, slice.limit);
  }

  async latestActivity(communityIds: readonly string[]): Promise<Map<string, number>> {
    const latest = new Map<string, number>();
    for (const thread of this.#threads.values()) {
      const { community_id, last_activity, deleted_at } = thread;
      if (deleted_at !== null || !communityIds.includes(community_id) || closure(thread)) continue;
      latest.set(community_id, Math.max(last_activity, latest.get(community_id) ?? 0));
    }
    return latest;
  }

  async closedSeenBy(audiences: ReadonlyMap<string, Audience>, limit: number): Promise<ClosedThread[]> {
    return this.#closed(audiences, limit, isSeen).map(({ id, community_id, last_activity }) => ({ id, community_id, last_activity }));
  }

  async heads(
    audiences: ReadonlyMap<string, Audience>,
    { since = 0, after, limit }: Slice<Active> & { since?: number | undefined },
  ): Promise<ThreadHead[]> {
    const matches = (thread: ThreadRecord): boolean => {
      const audience = audiences.get(thread.community_id);
      if (audience === undefined || thread.deleted_at !== null || thread.last_activity < since) return false;
      return isSeen(audience, thread) && (!after || latestFirst(thread, after) > 0);
    };
    const found = behind(this.#threads.values(), latestFirst, matches, limit);
    return found.map(({ id, community_id, last_seq, last_activity }) => ({ id, community_id, last_seq, last_activity }));
  }

  async naming(communityId: string, memberId: string, limit: number): Promise<string[]> {
    return [...this.#threads.values()]
      .filter(({ community_id, deleted_at }) => community_id === communityId && deleted_at === null)
      .filter(({ overrides }) => namedIn(overrides).includes(memberSubject(memberId)))
      .slice(0, limit)
      .map(({ id }) => id);
  }

  async closedHiddenFrom(audiences: ReadonlyMap<string, Audience>, limit: number): Promise<Pick<ClosedThread, 'id' | 'community_id'>[]> {
    const hidden = this.#closed(audiences, limit, (audience, thread) => !isSeen(audience, thread));
    return hidden.map(({ id, community_id }) => ({ id, community_id }));
  }

  #closed(
    audiences: ReadonlyMap<string, Audience>,
    limit: number,
    isMeant: (audience: Audience, thread: ThreadRecord) => boolean,
  ): ThreadRecord[] {
    const matches = (thread: ThreadRecord): boolean => {
      const audience = audiences.get(thread.community_id);
      return audience !== undefined && thread.deleted_at === null && closure(thread) !== undefined && isMeant(audience, thread);
    };
    return behind(this.#threads.values(), latestFirst, matches, limit);
  }

  async *rescopedSince(ms: number): AsyncIterable<{ thread_id: string; scope_since: number; head_rev: number }> {
    for (const { id, scope_since, head_rev, deleted_at } of [...this.#threads.values()]) {
      if (deleted_at === null && scope_since !== undefined && scope_since >= ms) yield { thread_id: id, scope_since, head_rev };
    }
  }

  async deleteByCommunity(communityId: string, at: number): Promise<number> {
    let count = 0;
    for (const thread of this.#threads.values()) {
      if (thread.community_id !== communityId || thread.deleted_at !== null) continue;
      thread.deleted_at = at;
      this.#untold.unmark(communityId, thread.id);
      count += 1;
    }
    return count;
  }

  untold(communityId: string, limit: number): Promise<Untold<ThreadRecord>[]> {
    return this.#untold.untold(communityId, limit);
  }

  untoldAmong(communityId: string, ids: readonly string[]): Promise<Untold<ThreadRecord>[]> {
    return this.#untold.untold(communityId, ids.length, ids);
  }

  told(communityId: string, those: readonly Untold<ThreadRecord>[]): Promise<void> {
    return this.#untold.told(communityId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }
}

import type { Clock } from '../../kernel/clock.js';
import type { NotificationRecord, NotificationRepository, Slice, Untold } from '../contracts.js';
import { ascending, behind, newestFirst } from './order.js';
import { MemoryUntold } from './untold.js';

const causeOf = (n: NotificationRecord): string => n.message_id ?? n.thread_id;
const keyOf = (n: NotificationRecord): string => `${n.member_id} ${causeOf(n)} ${n.kind}`;

export class MemoryNotifications implements NotificationRepository {
  readonly #notifications = new Map<string, NotificationRecord>();
  readonly #known = new Set<string>();
  readonly #untold: MemoryUntold<NotificationRecord>;

  constructor(clock: Clock) {
    this.#untold = new MemoryUntold(clock, (_memberId, id) => this.#notifications.get(id));
  }

  async insert(notifications: readonly NotificationRecord[]): Promise<NotificationRecord[]> {
    const added: NotificationRecord[] = [];
    for (const notification of notifications) {
      const key = keyOf(notification);
      if (this.#known.has(key) || this.#notifications.has(notification.id)) continue;
      this.#known.add(key);
      this.#notifications.set(notification.id, structuredClone(notification));
      this.#untold.mark(notification.member_id, notification.id);
      added.push(structuredClone(notification));
    }
    return added;
  }

  async list(
    memberId: string,
    filter: { unread?: boolean | undefined },
    slice: Slice<{ created_at: number; id: string }>,
  ): Promise<NotificationRecord[]> {
    const matches = (notification: NotificationRecord): boolean =>
      notification.member_id === memberId &&
      (filter.unread === undefined || filter.unread === (notification.read_at === null)) &&
      (!slice.after || newestFirst(notification, slice.after) > 0);
    return behind(this.#notifications.values(), newestFirst, matches, slice.limit);
  }

  async newest(memberId: string, count: number): Promise<string | null> {
    return (await this.list(memberId, {}, { limit: count }))[count - 1]?.id ?? null;
  }

  async countUnread(memberId: string, most: number): Promise<number> {
    return Math.min(most, this.#those((one) => one.member_id === memberId && one.read_at === null).length);
  }

  async markRead(memberId: string, ids: readonly string[] | undefined, at: number): Promise<number> {
    return this.#markRead((one) => one.member_id === memberId && (!ids || ids.includes(one.id)), at);
  }

  async markReadIn(memberId: string, place: { thread_id: string } | { community_id: string }, at: number): Promise<number> {
    const isThere = (one: NotificationRecord): boolean =>
      'thread_id' in place ? one.thread_id === place.thread_id : one.community_id === place.community_id;
    return this.#markRead((one) => one.member_id === memberId && isThere(one), at);
  }

  async causedBy(causes: readonly string[]): Promise<NotificationRecord[]> {
    const wanted = new Set(causes);
    return this.#those((one) => wanted.has(causeOf(one))).map((one) => structuredClone(one));
  }

  async behind(id: string | undefined, limit: number): Promise<NotificationRecord[]> {
    const order = (a: NotificationRecord, b: NotificationRecord): number => ascending(a.id, b.id);
    return behind(this.#notifications.values(), order, (one) => id === undefined || one.id > id, limit);
  }

  async inThread(threadId: string, after: string | undefined, limit: number): Promise<NotificationRecord[]> {
    const order = (a: NotificationRecord, b: NotificationRecord): number => ascending(a.id, b.id);
    const isMeant = (one: NotificationRecord): boolean => one.thread_id === threadId && (after === undefined || one.id > after);
    return behind(this.#notifications.values(), order, isMeant, limit);
  }

  async remove(ids: readonly string[]): Promise<void> {
    const wanted = new Set(ids);
    this.#remove((one) => wanted.has(one.id));
  }

  async removeByThread(threadId: string): Promise<void> {
    this.#remove((one) => one.thread_id === threadId);
  }

  async removeByCommunity(communityId: string): Promise<void> {
    this.#remove((one) => one.community_id === communityId);
  }

  async removeOfMember(communityId: string, memberId: string): Promise<void> {
    this.#remove((one) => one.community_id === communityId && one.member_id === memberId);
  }

  #those(match: (one: NotificationRecord) => boolean): NotificationRecord[] {
    return [...this.#notifications.values()].filter(match);
  }

  #markRead(match: (one: NotificationRecord) => boolean, at: number): number {
    const unread = this.#those((one) => one.read_at === null && match(one));
    for (const one of unread) {
      one.read_at = at;
      this.#untold.mark(one.member_id, one.id);
    }
    return unread.length;
  }

  #remove(match: (one: NotificationRecord) => boolean): void {
    for (const one of this.#those(match)) {
      this.#known.delete(keyOf(one));
      this.#notifications.delete(one.id);
      this.#untold.mark(one.member_id, one.id);
    }
  }

  untold(memberId: string, limit: number): Promise<Untold<NotificationRecord>[]> {
    return this.#untold.untold(memberId, limit);
  }

  told(memberId: string, those: readonly Untold<NotificationRecord>[]): Promise<void> {
    return this.#untold.told(memberId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }
}

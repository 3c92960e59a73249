import type { NotificationRecord, NotificationRepository, Slice } from '../contracts.js';
import { behind, newestFirst } from './order.js';

export class MemoryNotifications implements NotificationRepository {
  readonly #notifications = new Map<string, NotificationRecord>();
  readonly #known = new Set<string>();

  async insert(notifications: readonly NotificationRecord[]): Promise<NotificationRecord[]> {
    const added: NotificationRecord[] = [];
    for (const notification of notifications) {
      const key = `${notification.member_id} ${notification.message_id} ${notification.kind}`;
      if (this.#known.has(key) || this.#notifications.has(notification.id)) continue;
      this.#known.add(key);
      this.#notifications.set(notification.id, structuredClone(notification));
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

  async markRead(memberId: string, ids: readonly string[] | undefined, at: number): Promise<number> {
    return this.#markRead(memberId, ({ id }) => !ids || ids.includes(id), at);
  }

  async markReadIn(memberId: string, place: { thread_id: string } | { community_id: string }, at: number): Promise<number> {
    const isThere = ({ thread_id, community_id }: NotificationRecord): boolean =>
      'thread_id' in place ? thread_id === place.thread_id : community_id === place.community_id;
    return this.#markRead(memberId, isThere, at);
  }

  #markRead(memberId: string, isMeant: (notification: NotificationRecord) => boolean, at: number): number {
    let count = 0;
    for (const notification of this.#notifications.values()) {
      if (notification.member_id !== memberId || notification.read_at !== null || !isMeant(notification)) continue;
      notification.read_at = at;
      count += 1;
    }
    return count;
  }
}

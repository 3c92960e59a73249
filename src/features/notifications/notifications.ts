import { z } from 'zod';
import { fallen } from '../../actors/domain/concern.js';
import { hasUntold, userAddress } from '../../actors/domain/user/messages.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, limitOf, ms, pageOf } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import { bounds, id } from '../../protocol/primitives.js';
import type { Notification, Page } from '../../protocol/resources.js';
import type { NotificationRecord } from '../../store/contracts.js';
import { toNotification } from '../../store/resources.js';
import type { listNotifications, readNotifications } from './contract.js';

const cursor = cursorOf(z.strictObject({ created_at: ms, id }));

/** A page takes so many reads at most. With more ghosts it is shorter, and the next one goes on behind them. */
const readsAtMost = 10;

const placeOf = ({ created_at, id }: NotificationRecord) => ({ created_at, id });

export class Notifications {
  readonly #deps: Ground;

  constructor(deps: Ground) {
    this.#deps = deps;
  }

  /** What leads nowhere any more is passed over, and taken away where the workers have not come to it yet. */
  async list(caller: Caller, query: Given<typeof listNotifications>): Promise<Page<Notification> & { unread_count: number }> {
    const { store } = this.#deps;
    const limit = limitOf(query);
    const found: NotificationRecord[] = [];
    let after = cursor.decode(query.cursor);
    let isEnd = false;
    for (let reads = 0; found.length <= limit && !isEnd && reads < readsAtMost; reads++) {
      const some = await store.notifications.list(caller.member_id, { unread: query.unread }, { after, limit: limit + 1 });
      const ghosts = new Set(await fallen(store, some));
      found.push(...some.filter((one) => !ghosts.has(one)));
      await this.#remove(caller, [...ghosts]);
      isEnd = some.length <= limit;
      if (!isEnd) after = placeOf(some.at(-1)!);
    }
    const page = pageOf(found, limit, cursor, placeOf, toNotification);
    const next_cursor = found.length > limit || isEnd || !after ? page.next_cursor : cursor.encode(after);
    const unread_count = await store.notifications.countUnread(caller.member_id, bounds.unreadCounted);
    return { ...page, next_cursor, unread_count };
  }

  /** That it fails hinders nobody: the next one who looks does it. */
  async #remove(caller: Caller, ghosts: readonly NotificationRecord[]): Promise<void> {
    if (ghosts.length === 0) return;
    await this.#deps.store.notifications.remove(ghosts.map(({ id }) => id)).catch(() => undefined);
    this.#hasUntold(caller);
  }

  #hasUntold({ member_id }: Caller): void {
    this.#deps.actors.tell(userAddress(member_id), hasUntold('notification'));
  }

  /** Answers how many were marked; ids of others are nobody's here. */
  async markRead(caller: Caller, { ids, thread_id }: Given<typeof readNotifications>): Promise<{ read: number }> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const inThread = thread_id === undefined ? 0 : await store.notifications.markReadIn(caller.member_id, { thread_id }, now);
    const only = thread_id !== undefined && ids === undefined;
    const read = inThread + (only ? 0 : await store.notifications.markRead(caller.member_id, ids, now));
    if (read > 0) this.#hasUntold(caller);
    return { read };
  }
}

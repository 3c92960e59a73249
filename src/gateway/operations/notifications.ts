import type { Notification, Page } from '../../protocol/resources.js';
import type { RouteInput } from '../../protocol/routes.js';
import { toNotification } from '../../store/resources.js';
import type { Caller } from '../caller.js';
import { cursors, limitOf, pageOf } from './cursor.js';
import type { OperationDeps } from './deps.js';

export class NotificationOperations {
  readonly #deps: OperationDeps;

  constructor(deps: OperationDeps) {
    this.#deps = deps;
  }

  async list(caller: Caller, query: RouteInput<'listNotifications'>['query']): Promise<Page<Notification>> {
    const limit = limitOf(query);
    const slice = { after: cursors.notification.decode(query.cursor), limit: limit + 1 };
    const found = await this.#deps.store.notifications.list(caller.member_id, { unread: query.unread }, slice);
    return pageOf(found, limit, cursors.notification, ({ created_at, id }) => ({ created_at, id }), toNotification);
  }

  /** Answers how many were marked; ids of others are nobody's here. */
  async markRead(caller: Caller, input: RouteInput<'readNotifications'>['body']): Promise<{ read: number }> {
    const read = await this.#deps.store.notifications.markRead(caller.member_id, input.ids, this.#deps.clock.now());
    return { read };
  }
}

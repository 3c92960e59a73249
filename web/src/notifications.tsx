import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Notification } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { IconButton } from './icon.js';
import { Link } from './link.js';
import { useClient, useConnection, useLive } from './live.js';
import { Avatar, nameOf } from './person.js';
import { whenOf } from './time.js';

export interface NotificationList {
  items: readonly Notification[];
  unread: number;
  read: (ids?: string[]) => void;
}

/** The newest of one's notifications, live, and read again at each connection. */
export const useNotifications = (): NotificationList => {
  const client = useClient();
  const [items, setItems] = useState<readonly Notification[]>([]);
  const isOnline = useConnection().phase === 'online';
  useEffect(() => {
    if (!isOnline) return;
    client
      .rest('listNotifications', { query: { limit: 50 } })
      .then((page) => setItems(page.items))
      .catch(() => undefined);
  }, [client, isOnline]);
  useEffect(
    () =>
      client.on('notification', ({ notification }) =>
        setItems((held) => [notification, ...held.filter((one) => one.id !== notification.id)].slice(0, 100)),
      ),
    [client],
  );
  const read = useCallback(
    (ids?: string[]) => {
      const now = new Date().toISOString();
      setItems((held) => held.map((one) => (one.read_at === null && (!ids || ids.includes(one.id)) ? { ...one, read_at: now } : one)));
      client.rest('readNotifications', { body: ids ? { ids } : {} }).catch(() => undefined);
    },
    [client],
  );
  return { items, unread: items.filter((one) => one.read_at === null).length, read };
};

const kinds = { mention: 'mentioned you', reply: 'replied to you' } as const;

/** The bell with its count, and the list behind it. */
export const NotificationBell = ({ list }: { list: NotificationList }) => {
  const client = useClient();
  const [isOpen, setIsOpen] = useState(false);
  useLive(isOpen ? client.members : null);
  const { items, unread, read } = list;
  return (
    <span class="bell">
      <IconButton name="bell" label={unread > 0 ? `Notifications, ${unread} unread` : 'Notifications'} onClick={() => setIsOpen(true)} />
      {unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
      {isOpen && (
        <Dialog title="Notifications" onClose={() => setIsOpen(false)}>
          {unread > 0 && (
            <button type="button" class="text-button" onClick={() => read()}>
              Mark all as read
            </button>
          )}
          <ul class="result-list">
            {items.map((one) => {
              const actor = client.members.get(one.actor);
              return (
                <li key={one.id}>
                  <Link
                    to={{ community: one.community_id, thread: one.thread_id, message: one.seq }}
                    class={`result result-link${one.read_at === null ? ' unread' : ''}`}
                    onFollow={() => {
                      if (one.read_at === null) read([one.id]);
                      setIsOpen(false);
                    }}
                  >
                    <Avatar id={one.actor} name={nameOf(actor)} />
                    <span class="result-text">
                      <span>
                        <strong>{nameOf(actor)}</strong> {kinds[one.kind]}
                      </span>
                      <time class="quiet" dateTime={one.created_at}>
                        {whenOf(one.created_at)}
                      </time>
                    </span>
                    {one.read_at === null && <span class="dot" role="img" aria-label="unread" />}
                  </Link>
                </li>
              );
            })}
            {items.length === 0 && <li class="quiet list-empty">Nobody has mentioned you or replied to you yet.</li>}
          </ul>
        </Dialog>
      )}
    </span>
  );
};

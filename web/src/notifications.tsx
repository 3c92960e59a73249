import { useEffect, useState } from 'preact/hooks';
import type { OwnNotifications } from '../../src/client/index.js';
import type { Notification } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { IconButton } from './icon.js';
import { Link } from './link.js';
import { useClient, useLive } from './live.js';
import { Avatar, nameOf } from './person.js';
import { whenOf } from './time.js';
import { useIsVisible } from './visible.js';

/** So many are shown at first, and more at each wish for more. */
const pageSize = 50;

/** Reads all of a thread's notifications while somebody looks at it: what it is about has been seen. */
export const useReadOf = (threadId: string | null, notifications: OwnNotifications | null): void => {
  const isVisible = useIsVisible();
  const isUnread = notifications?.unread.some((one) => one.thread_id === threadId);
  useEffect(() => {
    if (isVisible && threadId && isUnread) notifications?.readThread(threadId);
  }, [notifications, threadId, isVisible, isUnread]);
};

const kinds = { mention: 'mentioned you', reply: 'replied to you' } as const;

/** An opening text stands above the first message. */
const placeOf = (one: Notification) => ({ community: one.community_id, thread: one.thread_id, message: Math.max(1, one.seq) });

/** The bell with its count, and the list behind it. */
export const NotificationBell = ({ list }: { list: OwnNotifications | null }) => {
  const client = useClient();
  const [isOpen, setIsOpen] = useState(false);
  const [shown, setShown] = useState(pageSize);
  useLive(isOpen ? client.members : null);
  const items = list?.all.slice(0, shown) ?? [];
  const unread = list?.unread.length ?? 0;
  const isMore = (list?.all.length ?? 0) > shown;
  const open = (): void => {
    setShown(pageSize);
    setIsOpen(true);
  };
  return (
    <span class="bell">
      <IconButton name="bell" label={unread > 0 ? `Notifications, ${unread} unread` : 'Notifications'} onClick={open} />
      {unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
      {isOpen && (
        <Dialog title="Notifications" onClose={() => setIsOpen(false)}>
          {unread > 0 && (
            <button type="button" class="text-button" onClick={() => list?.read()}>
              Mark all as read
            </button>
          )}
          <ul class="result-list">
            {items.map((one) => {
              const actor = client.members.get(one.actor);
              return (
                <li key={one.id}>
                  <Link
                    to={placeOf(one)}
                    class={`result result-link${one.read_at === null ? ' unread' : ''}`}
                    onFollow={() => {
                      if (one.read_at === null) list?.read([one.id]);
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
            {isMore && (
              <li class="list-empty">
                <button type="button" class="button" onClick={() => setShown(shown + pageSize)}>
                  More notifications
                </button>
              </li>
            )}
            {items.length === 0 && <li class="quiet list-empty">Nobody has mentioned you or replied to you yet.</li>}
          </ul>
        </Dialog>
      )}
    </span>
  );
};

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Notification } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { IconButton } from './icon.js';
import { Link } from './link.js';
import { useClient, useConnection, useLive } from './live.js';
import { Avatar, nameOf } from './person.js';
import { whenOf } from './time.js';
import { useIsVisible } from './visible.js';

export interface NotificationList {
  items: readonly Notification[];
  /** How many are unread in all, held here or not. */
  unread: number;
  /** Null: all are held. */
  more: (() => Promise<void>) | null;
  /** Learns the newest ones anew: what leads nowhere any more goes. */
  refresh: () => void;
  /** Without ids: all. */
  read: (ids?: string[]) => void;
  readThread: (threadId: string) => void;
}

const pageSize = 50;
const isUnread = (one: Notification): boolean => one.read_at === null;

/** One's notifications, newest first, live, and read again at each connection and when the page is looked at again. */
export const useNotifications = (): NotificationList => {
  const client = useClient();
  const [items, setItems] = useState<readonly Notification[]>([]);
  const [unread, setUnread] = useState(0);
  const [cursor, setCursor] = useState<string | null>(null);
  const held = useRef(items);
  held.current = items;
  const isOnline = useConnection().phase === 'online';
  const isVisible = useIsVisible();
  const refresh = useCallback(() => {
    client.operations
      .listNotifications({ limit: pageSize })
      .then((page) => {
        setItems(page.items);
        setUnread(page.unread_count);
        setCursor(page.next_cursor);
      })
      .catch(() => undefined);
  }, [client]);
  useEffect(() => {
    if (isOnline) refresh();
  }, [refresh, isOnline]);
  const wasHidden = useRef(false);
  useEffect(() => {
    if (isVisible && wasHidden.current) refresh();
    wasHidden.current = !isVisible;
  }, [refresh, isVisible]);
  useEffect(
    () =>
      client.on('notification', ({ notification }) => {
        if (held.current.some((one) => one.id === notification.id)) return;
        setItems((now) => [notification, ...now]);
        if (isUnread(notification)) setUnread((now) => now + 1);
      }),
    [client],
  );
  const more = useCallback(async () => {
    const page = await client.operations.listNotifications({ limit: pageSize, cursor: cursor ?? undefined });
    setItems((now) => [...now, ...page.items.filter(({ id }) => now.every((one) => one.id !== id))]);
    setUnread(page.unread_count);
    setCursor(page.next_cursor);
  }, [client, cursor]);
  const mark = useCallback(
    (body: { ids?: string[]; thread_id?: string }, matches: (one: Notification) => boolean) => {
      const now = new Date().toISOString();
      const known = held.current.filter((one) => isUnread(one) && matches(one)).length;
      setItems((all) => all.map((one) => (isUnread(one) && matches(one) ? { ...one, read_at: now } : one)));
      setUnread((count) => Math.max(0, count - known));
      client.operations
        .readNotifications(body)
        // Those that are not held here count too.
        .then(({ read }) => setUnread((count) => Math.max(0, count - Math.max(0, read - known))))
        .catch(() => undefined);
    },
    [client],
  );
  const read = useCallback((ids?: string[]) => mark(ids ? { ids } : {}, (one) => !ids || ids.includes(one.id)), [mark]);
  const readThread = useCallback((thread_id: string) => mark({ thread_id }, (one) => one.thread_id === thread_id), [mark]);
  return { items, unread, more: cursor === null ? null : more, refresh, read, readThread };
};

/** Reads all of a thread's notifications while somebody looks at it: what it is about has been seen. */
export const useReadOf = (threadId: string | null, { items, unread, readThread }: NotificationList): void => {
  const isVisible = useIsVisible();
  const isHere = items.some((one) => isUnread(one) && one.thread_id === threadId);
  // Some of those that are not held here may be of this thread.
  const isElsewhere = unread > items.filter(isUnread).length;
  useEffect(() => {
    if (isVisible && threadId && (isHere || isElsewhere)) readThread(threadId);
  }, [readThread, threadId, isVisible, isHere, isElsewhere]);
};

const kinds = { mention: 'mentioned you', reply: 'replied to you' } as const;

/** An opening text stands above the first message. */
const placeOf = (one: Notification) => ({ community: one.community_id, thread: one.thread_id, message: Math.max(1, one.seq) });

/** The bell with its count, and the list behind it. */
export const NotificationBell = ({ list }: { list: NotificationList }) => {
  const client = useClient();
  const [isOpen, setIsOpen] = useState(false);
  useLive(isOpen ? client.members : null);
  const { busy, failure, run } = useAction();
  const { items, unread, more, refresh, read } = list;
  const open = (): void => {
    refresh();
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
                    to={placeOf(one)}
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
            {more && (
              <li class="list-empty">
                <button type="button" class="button" disabled={busy} onClick={() => void run(more)}>
                  More notifications
                </button>
              </li>
            )}
            {items.length === 0 && !more && <li class="quiet list-empty">Nobody has mentioned you or replied to you yet.</li>}
          </ul>
          <Failure text={failure} />
        </Dialog>
      )}
    </span>
  );
};

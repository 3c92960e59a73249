import type { Thread } from '../../src/protocol/resources.js';
import { Icon } from './icon.js';
import { Link } from './link.js';
import { whenOf } from './time.js';

/** A thread in the list: its title, what marks it out, how much was said and what of it is unread. */
export const ThreadLink = ({ thread, current }: { thread: Thread; current: boolean }) => {
  const unread = thread.me?.unread_count ?? 0;
  return (
    <Link
      to={{ community: thread.community_id, thread: thread.id }}
      class={`list-item thread-item${unread > 0 ? ' unread' : ''}`}
      current={current}
    >
      <span class="list-title" dir="auto">
        {thread.title}
      </span>
      <span class="thread-marks">
        {thread.is_closed && (
          <span class="locked" role="img" aria-label="private">
            <Icon name="lock" />
          </span>
        )}
        {thread.is_pinned && (
          <span class="pinned" role="img" aria-label="pinned">
            <Icon name="pin" />
          </span>
        )}
      </span>
      <span class="list-note quiet">
        {thread.message_count === 1 ? '1 message' : `${thread.message_count} messages`} ·{' '}
        <time dateTime={thread.last_activity}>{whenOf(thread.last_activity)}</time>
      </span>
      {unread > 0 && (
        <span class="badge">
          {unread > 99 ? '99+' : unread}
          <span class="hidden"> unread</span>
        </span>
      )}
    </Link>
  );
};

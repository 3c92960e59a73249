import { useEffect, useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import type { Community, Thread } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { Icon, IconButton } from './icon.js';
import { InviteDialog } from './invite-dialog.js';
import { longest } from './lengths.js';
import { LimitedField } from './limited-field.js';
import { Link } from './link.js';
import { useClient } from './live.js';
import { MemberList } from './member-list.js';
import { go, type Place } from './place.js';
import { whenOf } from './time.js';

interface ThreadColumnProps {
  id: string;
  view: CommunityView | null;
  place: Place;
  onChange: () => void;
  onLeft: () => void;
  markRead: (communityId: string) => Promise<void>;
}

/** The second column: a community's threads, pinned first, with what is unread in each. */
export const ThreadColumn = ({ id, view, place, onChange, onLeft, markRead }: ThreadColumnProps) => {
  const [open, setOpen] = useState<'create' | 'members' | 'invite' | null>(null);
  const { busy, failure, run } = useAction();
  if (view?.status === 'gone') return <Outside id={id} onJoined={onChange} />;
  const community = view?.state.community ?? null;
  const isUnread = view?.state.threads.some(({ me }) => me && me.unread_count > 0) || view?.state.moreThreads;
  return (
    <section class="column threads" aria-label="Threads">
      <header class="column-head">
        <Link to={{}} class="back" label="Back to communities">
          <Icon name="back" />
        </Link>
        <h2 class="column-title" dir="auto">
          {community?.name ?? ' '}
        </h2>
        <div class="column-actions">
          {isUnread && <IconButton name="check" label="Mark community as read" onClick={() => void run(() => markRead(id))} />}
          {community?.me && <IconButton name="invite" label="Invite people" onClick={() => setOpen('invite')} />}
          <IconButton name="people" label="Members" onClick={() => setOpen('members')} />
          <IconButton name="plus" label="New thread" onClick={() => setOpen('create')} />
        </div>
      </header>
      {community?.description && (
        <p class="column-note quiet" dir="auto">
          {community.description}
        </p>
      )}
      <ul class="column-list">
        {view?.state.threads.map((thread) => (
          <li key={thread.id}>
            <ThreadLink thread={thread} current={thread.id === place.thread} />
          </li>
        ))}
        {view?.status === 'live' && view.state.threads.length === 0 && (
          <li class="quiet list-empty">No threads yet. Begin the first one.</li>
        )}
        {view && view.state.moreThreads !== null && (
          <li class="list-empty">
            <button type="button" class="button" disabled={busy} onClick={() => void run(() => view.moreThreads())}>
              More threads
            </button>
          </li>
        )}
      </ul>
      <Failure text={failure} />
      {open === 'create' && view && <CreateThread view={view} onClose={() => setOpen(null)} />}
      {open === 'invite' && community && <InviteDialog community={community} onClose={() => setOpen(null)} />}
      {open === 'members' && view && <MemberList view={view} onClose={() => setOpen(null)} onLeft={onLeft} />}
    </section>
  );
};

const ThreadLink = ({ thread, current }: { thread: Thread; current: boolean }) => {
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
      {thread.is_pinned && (
        <span class="pinned" role="img" aria-label="pinned">
          <Icon name="pin" />
        </span>
      )}
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

const CreateThread = ({ view, onClose }: { view: CommunityView; onClose: () => void }) => {
  const { busy, failure, run } = useAction();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const content = String(form.get('content')).trim();
    void run(async () => {
      const thread = await view.createThread({ title: String(form.get('title')).trim(), ...(content && { content }) });
      onClose();
      go({ community: view.communityId, thread: thread.id });
    });
  };
  return (
    <Dialog title="New thread" onClose={onClose}>
      <form onSubmit={submit}>
        <LimitedField label="Title" name="title" most={longest.title} required />
        <LimitedField label="What is it about?" name="content" most={longest.content} rows={4} />
        <Failure text={failure} />
        <button type="submit" class="button button-main" disabled={busy}>
          Begin
        </button>
      </form>
    </Dialog>
  );
};

/** What somebody sees who is not a member (yet): the way in, where there is one. */
const Outside = ({ id, onJoined }: { id: string; onJoined: () => void }) => {
  const client = useClient();
  const [community, setCommunity] = useState<Community | null>(null);
  const { busy, failure, run } = useAction();
  useEffect(() => {
    void run(async () => setCommunity(await client.operations.getCommunity({ community_id: id })));
  }, [client, id, run]);
  const join = (): void =>
    void run(async () => {
      await client.operations.joinAsMember({ community_id: id });
      onJoined();
    });
  return (
    <section class="column threads" aria-label="Threads">
      <header class="column-head">
        <Link to={{}} class="back" label="Back to communities">
          <Icon name="back" />
        </Link>
        <h2 class="column-title" dir="auto">
          {community?.name ?? 'Not here'}
        </h2>
      </header>
      <div class="column-note">
        {community?.description && (
          <p class="quiet" dir="auto">
            {community.description}
          </p>
        )}
        <Failure text={failure} />
        {community && (
          <button type="button" class="button button-main" disabled={busy} onClick={join}>
            Join <bdi>{community.name}</bdi>
          </button>
        )}
      </div>
    </section>
  );
};

import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import type { Community, CommunityRole } from '../../src/protocol/resources.js';
import { CreateThread } from './create-thread.js';
import { Failure, useAction } from './failure.js';
import { Icon, IconButton } from './icon.js';
import { InviteDialog } from './invite-dialog.js';
import { Link } from './link.js';
import { useClient } from './live.js';
import { MemberList } from './member-list.js';
import type { Place } from './place.js';
import { RolesDialog } from './roles-dialog.js';
import { standingIn } from './standing.js';
import { ThreadLink } from './thread-link.js';

interface ThreadColumnProps {
  id: string;
  view: CommunityView | null;
  roles: readonly CommunityRole[];
  place: Place;
  /** What one is told on coming from a thread that is not there any more. */
  notice: string | null;
  onNoticed: () => void;
  onChange: () => void;
  onLeft: () => void;
  markRead: (communityId: string) => Promise<void>;
}

/** The second column: a community's threads, pinned first, with what is unread in each. */
export const ThreadColumn = ({ id, view, roles, place, notice, onNoticed, onChange, onLeft, markRead }: ThreadColumnProps) => {
  const [open, setOpen] = useState<'create' | 'members' | 'invite' | 'roles' | null>(null);
  const { busy, failure, run } = useAction();
  if (view?.status === 'gone') return <Outside id={id} onJoined={onChange} />;
  const community = view?.state.community ?? null;
  const { may } = standingIn(community, roles);
  const mayBegin = { open: may('create_thread'), closed: may('create_closed_thread') };
  const isBeginner = mayBegin.open || mayBegin.closed;
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
          {may('create_invite') && <IconButton name="invite" label="Invite people" onClick={() => setOpen('invite')} />}
          {may('manage_roles') && <IconButton name="roles" label="Roles" onClick={() => setOpen('roles')} />}
          <IconButton name="people" label="Members" onClick={() => setOpen('members')} />
          {isBeginner && <IconButton name="plus" label="New thread" onClick={() => setOpen('create')} />}
        </div>
      </header>
      {community?.description && (
        <p class="column-note quiet" dir="auto">
          {community.description}
        </p>
      )}
      {notice !== null && <Notice text={notice} onClose={onNoticed} />}
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
      {open === 'create' && view && isBeginner && <CreateThread view={view} may={mayBegin} onClose={() => setOpen(null)} />}
      {open === 'invite' && community && <InviteDialog community={community} onClose={() => setOpen(null)} />}
      {open === 'roles' && community && <RolesDialog community={community} roles={roles} onClose={() => setOpen(null)} />}
      {open === 'members' && view && <MemberList view={view} roles={roles} onClose={() => setOpen(null)} onLeft={onLeft} />}
    </section>
  );
};

/** Something to know, with the focus where nothing else has it: what one looked at has gone. */
const Notice = ({ text, onClose }: { text: string; onClose: () => void }) => {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus();
  }, []);
  return (
    <div ref={box} class="notice column-notice" role="alert" tabIndex={-1}>
      <p dir="auto">{text}</p>
      <IconButton name="close" label="Dismiss" onClick={onClose} />
    </div>
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

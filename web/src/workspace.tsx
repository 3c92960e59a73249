import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { CommunityRole, Notification, Self } from '../../src/protocol/resources.js';
import { CommunityColumn } from './community-column.js';
import { ConnectionBanner } from './connection-banner.js';
import { Discussion } from './discussion.js';
import { useDrafts } from './drafts.js';
import { useClient, useCommunity, useNotifications, useOwnCommunities } from './live.js';
import { useReadOf } from './notifications.js';
import { go, usePlace } from './place.js';
import { ThreadColumn } from './thread-column.js';

const noRoles: readonly CommunityRole[] = [];
const noNotifications: readonly Notification[] = [];

/** Everything behind the sign-in: communities, threads and the discussion, side by side where there is room. */
export const Workspace = ({ memberId }: { memberId: string }) => {
  const client = useClient();
  const place = usePlace();
  const mine = useOwnCommunities();
  const [attempt, setAttempt] = useState(0);
  const [self, setSelf] = useState<Self | null>(null);
  const community = useCommunity(place.community, attempt);
  const roles = community?.state.roles ?? noRoles;
  const notifications = useNotifications();
  /** What one looked at and sees no more. */
  const [lost, setLost] = useState<{ community: string; title: string } | null>(null);

  useEffect(() => {
    client.operations
      .getMember({ member_id: memberId })
      .then((member) => 'email' in member && setSelf(member))
      .catch(() => undefined);
    return client.on('member_updated', ({ member }) => {
      if (member.id === memberId) setSelf((known) => known && { ...known, ...member });
    });
  }, [client, memberId]);

  useReadOf(place.thread, notifications);
  useDrafts();
  const unread = notifications?.unread ?? noNotifications;
  const unreadCount = unread.length;

  const name = community?.state.community?.name;
  const title = community?.state.threads.find((thread) => thread.id === place.thread)?.title;
  useEffect(() => {
    const unread = unreadCount > 0 ? `(${unreadCount}) ` : '';
    document.title = `${unread}${[title, name, 'Parley'].filter(Boolean).join(' · ')}`;
  }, [title, name, unreadCount]);

  const refresh = useCallback(() => setAttempt((n) => n + 1), []);
  const lose = useCallback((from: string, title: string) => {
    setLost({ community: from, title });
    go({ community: from }, { replace: true });
  }, []);
  useEffect(() => {
    if (place.thread) setLost(null);
  }, [place.thread]);
  const unreadIn = useMemo(() => new Set(unread.map((one) => one.community_id)), [unread]);

  /** Marks all as read in one community or in all of them, with what the bell holds of it. */
  const markRead = useCallback((id?: string) => client.markAllRead(id), [client]);

  return (
    <div class={`workspace at-${place.thread ? 'thread' : place.community ? 'community' : 'home'}`}>
      <ConnectionBanner />
      <CommunityColumn
        mine={mine}
        place={place}
        self={self}
        notifications={notifications}
        unreadIn={unreadIn}
        onChange={refresh}
        markRead={markRead}
      />
      {place.community ? (
        <ThreadColumn
          key={place.community}
          id={place.community}
          view={community}
          roles={roles}
          place={place}
          notice={
            lost?.community === place.community
              ? `“${lost.title}” is not here for you any more. It was deleted, or you may not see it any longer.`
              : null
          }
          onNoticed={() => setLost(null)}
          onChange={refresh}
          onLeft={() => go({})}
          markRead={markRead}
        />
      ) : (
        <section class="column threads" aria-label="Threads" />
      )}
      <main class="column discussion" aria-label="Discussion">
        {place.thread && community?.status !== 'gone' ? (
          <Discussion
            key={place.thread}
            id={place.thread}
            place={place}
            community={community}
            roles={roles}
            memberId={memberId}
            onLost={lose}
          />
        ) : (
          <Nothing hasCommunities={mine === null || mine.length > 0} inCommunity={place.community !== null} />
        )}
      </main>
    </div>
  );
};

const Nothing = ({ hasCommunities, inCommunity }: { hasCommunities: boolean; inCommunity: boolean }) => (
  <div class="nothing quiet">
    <img src="/favicon.svg" alt="" width="56" height="56" />
    <p>
      {inCommunity
        ? 'Pick a thread, or begin one.'
        : hasCommunities
          ? 'Pick a community.'
          : 'Found a community, or browse for one to join.'}
    </p>
  </div>
);
